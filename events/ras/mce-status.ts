/** What a machine check's registers say (Intel SDM volume 3B, chapters 16 and 17; AMD64 APM volume 2, chapter 9). */
import { nameBits } from "./hexadecimal.ts";

/** Bits that mean the same on both makers' processors. */
const commonFlags: readonly (readonly [number, string])[] = [
  [57, "PCC"],
  [58, "ADDRV"],
  [59, "MISCV"],
  [60, "EN"],
  [61, "UC"],
  [62, "OVER"],
  [63, "VAL"],
];
const intelFlags = new Map([...commonFlags, [55, "AR"], [56, "S"]]);
const amdFlags = new Map([
  ...commonFlags,
  [40, "SCRUB"],
  [43, "POISON"],
  [44, "DEFERRED"],
  [53, "SYNDV"],
  [55, "TCC"],
]);

/** Numbers of `enum` X86_VENDOR_…, arch/x86/include/asm/processor.h */
const vendors = new Map([
  [0, "Intel"],
  [2, "AMD"],
  [9, "Hygon"],
  [10, "Zhaoxin"],
]);

export function vendorName(vendor: number): string | undefined {
  return vendors.get(vendor);
}

export function isAmd(vendor: number): boolean {
  return vendor === 2 || vendor === 9;
}

const FLAG_BITS = 0xffff_ffff_0000_0000n;

export function nameFlags(status: bigint, vendor: number): string[] {
  const names = isAmd(vendor) ? amdFlags : intelFlags;
  const known = [...names.keys()].reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
  return nameBits(status & FLAG_BITS & known, names);
}

/** Bits 52:38, where the processor counts (Intel). */
export function correctedCount(status: bigint, vendor: number): number | undefined {
  return isAmd(vendor) || (status & (1n << 61n)) !== 0n ? undefined : Number((status >> 38n) & 0x7fffn);
}

const simpleCodes = new Map([
  [0x0000, "no error"],
  [0x0001, "unclassified"],
  [0x0002, "microcode ROM parity"],
  [0x0003, "external error"],
  [0x0004, "functional redundancy check"],
  [0x0005, "internal parity"],
  [0x0006, "SMM handler code access violation"],
  [0x0400, "internal timer"],
  [0x0e0b, "I/O error"],
]);
const transactions = ["instruction", "data", "generic", "reserved"];
const levels = ["level 0", "level 1", "level 2", "generic level"];
const requests = [
  "error",
  "read",
  "write",
  "data read",
  "data write",
  "instruction fetch",
  "prefetch",
  "eviction",
  "snoop",
];
const memoryTransactions = ["undefined request", "read", "write", "address or command", "scrub"];
const participations = ["source", "responder", "observer", "generic"];
const targets = ["memory", "reserved", "I/O", "other"];

const pick = (names: readonly string[], index: number): string => names[index] ?? `reserved ${index}`;

export interface MceError {
  readonly words: string;
  readonly isMemory: boolean;
}

const cpu = (words: string): MceError => ({ words, isMemory: false });

/** The lower 16 bits. Bit 12, "filtered", tells nothing about the kind. */
export function decodeError(status: bigint): MceError {
  const code = Number(status & 0xffffn) & ~0x1000;
  const transaction = pick(transactions, (code >> 2) & 3);
  const level = pick(levels, code & 3);
  const request = pick(requests, (code >> 4) & 15);
  const simple = simpleCodes.get(code);
  if (simple !== undefined) return cpu(simple);
  if ((code & 0xfc00) === 0x0400) return cpu(`internal, unclassified (${code & 0x3ff})`);
  if ((code & 0xfffc) === 0x000c) return cpu(`cache hierarchy: ${level}`);
  if ((code & 0xfff0) === 0x0010) return cpu(`TLB: ${transaction}, ${level}`);
  if ((code & 0xff00) === 0x0100) return cpu(`cache: ${transaction} ${request}, ${level}`);
  if ((code & 0xff80) === 0x0080) return decodeMemory(code);
  if ((code & 0xf800) === 0x0800) {
    const participation = pick(participations, (code >> 9) & 3);
    const timeout = (code & 0x100) === 0 ? "" : ", timed out";
    const target = pick(targets, (code >> 2) & 3);
    return cpu(`bus or interconnect: ${request}, ${target}, ${level}, ${participation}${timeout}`);
  }
  return cpu(`code 0x${code.toString(16)}`);
}

function decodeMemory(code: number): MceError {
  const channel = code & 15;
  const where = channel === 15 ? "channel unknown" : `channel ${channel}`;
  return {
    words: `memory controller: ${pick(memoryTransactions, (code >> 4) & 7)}, ${where}`,
    isMemory: true,
  };
}
