// Generated from hungtask.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface HungtaskRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly blocked: number;
  /** Nanoseconds. */
  readonly startTime: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly holderCgroupId: bigint;
  readonly stack: readonly bigint[];
  readonly count: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly holderPid: number;
  readonly holderTid: number;
  readonly detector: number;
  readonly lock: number;
  readonly isRepeat: number;
  readonly comm: string;
  readonly holderComm: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly holderCgroup: string;
}

export const hungtaskRecordLayout: RecordLayout<HungtaskRecord> = {
  struct: "hungtask_record",
  sizeBytes: 1392,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    blocked: readUint64(view, offset + 16),
    startTime: readUint64(view, offset + 24),
    cgroupId: view.getBigUint64(offset + 32, true),
    holderCgroupId: view.getBigUint64(offset + 40, true),
    stack: readAddresses(view, offset + 48, 32),
    count: view.getUint32(offset + 304, true),
    pid: view.getUint32(offset + 308, true),
    tid: view.getUint32(offset + 312, true),
    cpu: view.getUint32(offset + 316, true),
    holderPid: view.getUint32(offset + 320, true),
    holderTid: view.getUint32(offset + 324, true),
    detector: view.getUint8(offset + 328),
    lock: view.getUint8(offset + 329),
    isRepeat: view.getUint8(offset + 330),
    comm: readText(view, offset + 336, 16),
    holderComm: readText(view, offset + 352, 16),
    cgroup: readCgroupPath(view, offset + 368, 512),
    holderCgroup: readCgroupPath(view, offset + 880, 512),
  }),
};
