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
  struct: "bonding_lacp_record",
  sizeBytes: 40,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    interfaceIndex: view.getUint32(offset + 16, true),
    bondIndex: view.getUint32(offset + 20, true),
    aggregatorId: view.getUint16(offset + 24, true),
    partnerKey: view.getUint16(offset + 26, true),
    partnerPort: view.getUint16(offset + 28, true),
    actorState: view.getUint8(offset + 30),
    partnerState: view.getUint8(offset + 31),
    actorChurn: view.getUint8(offset + 32),
    partnerChurn: view.getUint8(offset + 33),
    partnerAddress: readBytes(view, offset + 34, 6),
  }),
};
