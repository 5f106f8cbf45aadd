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
  struct: "softlockup_record",
  sizeBytes: 984,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    elapsed: readUint64(view, offset + 16),
    pause: readUint64(view, offset + 24),
    threshold: readUint64(view, offset + 32),
    cgroupId: view.getBigUint64(offset + 40, true),
    stack: readAddresses(view, offset + 48, 32),
    cpu: view.getUint32(offset + 304, true),
    pid: view.getUint32(offset + 308, true),
    tid: view.getUint32(offset + 312, true),
    verdicts: view.getUint32(offset + 316, true),
    kind: view.getUint8(offset + 320),
    isMeasured: view.getUint8(offset + 321),
    comm: readText(view, offset + 328, 16),
    message: readText(view, offset + 344, 128),
    cgroup: readCgroupPath(view, offset + 472, 512),
  }),
};
