// Generated from bonding_lacp.bpf.c: change the record there, then run "npm run generate".
import { readBytes, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface BondingLacpRecord {
  /** Nanoseconds. */
  readonly time: number;
  readonly interfaceIndex: number;
  readonly bondIndex: number;
  readonly aggregatorId: number;
  readonly partnerKey: number;
  readonly partnerPort: number;
  readonly actorState: number;
  readonly partnerState: number;
  readonly actorChurn: number;
  readonly partnerChurn: number;
  readonly partnerAddress: Uint8Array;
}

export const bondingLacpRecordLayout: RecordLayout<BondingLacpRecord> = {
  sizeBytes: 32,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    interfaceIndex: view.getUint32(offset + 8, true),
    bondIndex: view.getUint32(offset + 12, true),
    aggregatorId: view.getUint16(offset + 16, true),
    partnerKey: view.getUint16(offset + 18, true),
    partnerPort: view.getUint16(offset + 20, true),
    actorState: view.getUint8(offset + 22),
    partnerState: view.getUint8(offset + 23),
    actorChurn: view.getUint8(offset + 24),
    partnerChurn: view.getUint8(offset + 25),
    partnerAddress: readBytes(view, offset + 26, 6),
  }),
};
