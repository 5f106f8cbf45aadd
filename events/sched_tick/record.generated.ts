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
  /** Nanoseconds. */
  readonly pause: number;
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
  struct: "sched_tick_record",
  sizeBytes: 856,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    gap: readUint64(view, offset + 16),
    threshold: readUint64(view, offset + 24),
    steal: readUint64(view, offset + 32),
    pause: readUint64(view, offset + 40),
    cgroupId: view.getBigUint64(offset + 48, true),
    stack: readAddresses(view, offset + 56, 32),
    cpu: view.getUint32(offset + 312, true),
    pid: view.getUint32(offset + 316, true),
    tid: view.getUint32(offset + 320, true),
    hasSteal: view.getUint8(offset + 324),
    comm: readText(view, offset + 328, 16),
    cgroup: readCgroupPath(view, offset + 344, 512),
  }),
};
