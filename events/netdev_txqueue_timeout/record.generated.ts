// Generated from netdev_txqueue_timeout.bpf.c: change the record there, then run "npm run generate".
import { readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface NetdevTxqueueTimeoutRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly monotonicTime: number;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
  /** A count. */
  readonly nowJiffies: number;
  readonly stalledJiffies: number;
  readonly thresholdJiffies: number;
  readonly netnsInode: number;
  readonly interfaceIndex: number;
  readonly queue: number;
  readonly queues: number;
  readonly kind: number;
  readonly cpu: number;
  readonly interface: string;
  readonly driver: string;
}

export const netdevTxqueueTimeoutRecordLayout: RecordLayout<NetdevTxqueueTimeoutRecord> = {
  struct: "netdev_txqueue_timeout_record",
  sizeBytes: 120,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    monotonicTime: readUint64(view, offset + 16),
    netnsCookie: view.getBigUint64(offset + 24, true),
    nowJiffies: readUint64(view, offset + 32),
    stalledJiffies: view.getUint32(offset + 40, true),
    thresholdJiffies: view.getUint32(offset + 44, true),
    netnsInode: view.getUint32(offset + 48, true),
    interfaceIndex: view.getUint32(offset + 52, true),
    queue: view.getUint32(offset + 56, true),
    queues: view.getUint32(offset + 60, true),
    kind: view.getUint32(offset + 64, true),
    cpu: view.getUint32(offset + 68, true),
    interface: readText(view, offset + 72, 16),
    driver: readText(view, offset + 88, 32),
  }),
};
