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
  readonly stack: readonly bigint[];
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly gfp: number;
  readonly order: number;
  readonly result: number;
  readonly kind: number;
  readonly comm: string;
  /** Path of a cgroup below the root of its hierarchy; empty where it could not be read. */
  readonly cgroup: string;
}

export const memreclaimRecordLayout: RecordLayout<MemreclaimRecord> = {
  sizeBytes: 856,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    duration: readUint64(view, offset + 8),
    startTime: readUint64(view, offset + 16),
    cgroupId: view.getBigUint64(offset + 24, true),
    reclaimed: readUint64(view, offset + 32),
    stack: readAddresses(view, offset + 40, 32),
    pid: view.getUint32(offset + 296, true),
    tid: view.getUint32(offset + 300, true),
    cpu: view.getUint32(offset + 304, true),
    gfp: view.getUint32(offset + 308, true),
    order: view.getInt32(offset + 312, true),
    result: view.getInt32(offset + 316, true),
    kind: view.getUint8(offset + 320),
    comm: readText(view, offset + 328, 16),
    cgroup: readCgroupPath(view, offset + 344, 512),
  }),
};
