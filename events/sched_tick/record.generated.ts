// Generated from sched_tick.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface SchedTickRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly gap: number;
  /** Nanoseconds. */
  readonly threshold: number;
  /** Nanoseconds. */
  readonly steal: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly stack: readonly bigint[];
  readonly cpu: number;
  readonly pid: number;
  readonly tid: number;
  readonly hasSteal: number;
  readonly comm: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export const schedTickRecordLayout: RecordLayout<SchedTickRecord> = {
  sizeBytes: 840,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    gap: readUint64(view, offset + 8),
    threshold: readUint64(view, offset + 16),
    steal: readUint64(view, offset + 24),
    cgroupId: view.getBigUint64(offset + 32, true),
    stack: readAddresses(view, offset + 40, 32),
    cpu: view.getUint32(offset + 296, true),
    pid: view.getUint32(offset + 300, true),
    tid: view.getUint32(offset + 304, true),
    hasSteal: view.getUint8(offset + 308),
    comm: readText(view, offset + 312, 16),
    cgroup: readCgroupPath(view, offset + 328, 512),
  }),
};
