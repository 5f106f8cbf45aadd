// Generated from softirq.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface SoftirqRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly elapsed: number;
  /** Nanoseconds. */
  readonly threshold: number;
  readonly stack: readonly bigint[];
  readonly cpu: number;
  readonly pid: number;
  readonly tid: number;
  readonly vector: number;
  readonly stage: number;
  readonly comm: string;
}

export const softirqRecordLayout: RecordLayout<SoftirqRecord> = {
  sizeBytes: 312,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    elapsed: readUint64(view, offset + 8),
    threshold: readUint64(view, offset + 16),
    stack: readAddresses(view, offset + 24, 32),
    cpu: view.getUint32(offset + 280, true),
    pid: view.getUint32(offset + 284, true),
    tid: view.getUint32(offset + 288, true),
    vector: view.getUint8(offset + 292),
    stage: view.getUint8(offset + 293),
    comm: readText(view, offset + 296, 16),
  }),
};
