// Generated from memreclaim.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface MemreclaimRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly duration: number;
  /** Nanoseconds. */
  readonly startTime: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Pages of the machine's page size. */
  readonly reclaimed: number;
  /** Inode number of the cgroup's directory. */
  readonly limitCgroupId: bigint;
  /** Pages of the machine's page size. */
  readonly limitPages: number;
  /** Pages of the machine's page size. */
  readonly usagePages: number;
  readonly stack: readonly bigint[];
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly gfp: number;
  readonly order: number;
  readonly result: number;
  readonly kind: number;
  readonly limitSource: number;
  readonly comm: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly limitCgroup: string;
}

export const memreclaimRecordLayout: RecordLayout<MemreclaimRecord> = {
  struct: "memreclaim_record",
  sizeBytes: 1400,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    duration: readUint64(view, offset + 16),
    startTime: readUint64(view, offset + 24),
    cgroupId: view.getBigUint64(offset + 32, true),
    reclaimed: readUint64(view, offset + 40),
    limitCgroupId: view.getBigUint64(offset + 48, true),
    limitPages: readUint64(view, offset + 56),
    usagePages: readUint64(view, offset + 64),
    stack: readAddresses(view, offset + 72, 32),
    pid: view.getUint32(offset + 328, true),
    tid: view.getUint32(offset + 332, true),
    cpu: view.getUint32(offset + 336, true),
    gfp: view.getUint32(offset + 340, true),
    order: view.getInt32(offset + 344, true),
    result: view.getInt32(offset + 348, true),
    kind: view.getUint8(offset + 352),
    limitSource: view.getUint8(offset + 353),
    comm: readText(view, offset + 360, 16),
    cgroup: readCgroupPath(view, offset + 376, 512),
    limitCgroup: readCgroupPath(view, offset + 888, 512),
  }),
};
