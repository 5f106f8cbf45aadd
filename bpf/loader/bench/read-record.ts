/** Reads the 176-byte record of `ring.bpf.c` as a generated reader would: straight, field by field. */
import { readText } from "../source/btf/text.ts";

export interface BenchRecord {
  readonly number: number;
  readonly stack: readonly bigint[];
  readonly time: number;
  readonly pid: number;
  readonly cpu: number;
  readonly comm: string;
  readonly tail: bigint;
}

export const recordSizeBytes = 176;
const stackLength = 16;

export function readRecord(view: DataView, offset: number): BenchRecord {
  return {
    number: readUint64(view, offset),
    stack: readAddresses(view, offset + 8),
    time: readUint64(view, offset + 136),
    pid: view.getUint32(offset + 144, true),
    cpu: view.getUint32(offset + 148, true),
    comm: readText(view, offset + 152, 16),
    tail: view.getBigUint64(offset + 168, true),
  };
}

function readUint64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}

function readAddresses(view: DataView, offset: number): bigint[] {
  const addresses: bigint[] = [];
  for (let at = offset; at < offset + stackLength * 8; at += 8) {
    if (view.getUint32(at, true) === 0 && view.getUint32(at + 4, true) === 0) break;
    addresses.push(view.getBigUint64(at, true));
  }
  return addresses;
}
