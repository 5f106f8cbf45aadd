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
  struct: "softirq_record",
  sizeBytes: 320,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    elapsed: readUint64(view, offset + 16),
    threshold: readUint64(view, offset + 24),
    stack: readAddresses(view, offset + 32, 32),
    cpu: view.getUint32(offset + 288, true),
    pid: view.getUint32(offset + 292, true),
    tid: view.getUint32(offset + 296, true),
    vector: view.getUint8(offset + 300),
    stage: view.getUint8(offset + 301),
    comm: readText(view, offset + 304, 16),
  }),
};
