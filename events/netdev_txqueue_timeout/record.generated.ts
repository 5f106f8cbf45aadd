// Generated from netdev_txqueue_timeout.bpf.c: change the record there, then run "npm run generate".
import { readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface NetdevTxqueueTimeoutRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
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
  sizeBytes: 104,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    netnsCookie: view.getBigUint64(offset + 16, true),
    stalledJiffies: view.getUint32(offset + 24, true),
    thresholdJiffies: view.getUint32(offset + 28, true),
    netnsInode: view.getUint32(offset + 32, true),
    interfaceIndex: view.getUint32(offset + 36, true),
    queue: view.getUint32(offset + 40, true),
    queues: view.getUint32(offset + 44, true),
    kind: view.getUint32(offset + 48, true),
    cpu: view.getUint32(offset + 52, true),
    interface: readText(view, offset + 56, 16),
    driver: readText(view, offset + 72, 32),
  }),
};
