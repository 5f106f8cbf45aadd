// Generated from softlockup.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface SoftlockupRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly elapsed: number;
  /** Nanoseconds. */
  readonly pause: number;
  /** Nanoseconds. */
  readonly threshold: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly stack: readonly bigint[];
  readonly cpu: number;
  readonly pid: number;
  readonly tid: number;
  readonly verdicts: number;
  readonly kind: number;
  readonly isMeasured: number;
  readonly comm: string;
  readonly message: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export const softlockupRecordLayout: RecordLayout<SoftlockupRecord> = {
  sizeBytes: 976,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    elapsed: readUint64(view, offset + 8),
    pause: readUint64(view, offset + 16),
    threshold: readUint64(view, offset + 24),
    cgroupId: view.getBigUint64(offset + 32, true),
    stack: readAddresses(view, offset + 40, 32),
    cpu: view.getUint32(offset + 296, true),
    pid: view.getUint32(offset + 300, true),
    tid: view.getUint32(offset + 304, true),
    verdicts: view.getUint32(offset + 308, true),
    kind: view.getUint8(offset + 312),
    isMeasured: view.getUint8(offset + 313),
    comm: readText(view, offset + 320, 16),
    message: readText(view, offset + 336, 128),
    cgroup: readCgroupPath(view, offset + 464, 512),
  }),
};
