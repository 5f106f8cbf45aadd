/** Errors that a guest's firmware reports (test/vm/guest-hardware.ts): the kernel looks for them five times a second. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { FIRMWARE_BLOCK_BYTES, firmwareBlock, firmwareRegister } from "#test/vm/guest-hardware.ts";
import { waitUntil } from "#test/live/wait-until.ts";

/** UEFI 2.10, N.2.2 */
export const sections = {
  arm: "e19e3d16-bc11-11e4-9caa-c2051d5d46b0",
  pcie: "d995e954-bbc1-430f-ad91-b44dcb3c6f35",
  memory: "a5bc1114-6f64-4ede-b863-3e83ed7c83b1",
} as const;

/** CPER_SEV_… */
export const firmwareSeverity = { recoverable: 0, fatal: 1, corrected: 2, info: 3 } as const;

export interface FirmwareError {
  /** GUID of the section. */
  readonly section: string;
  readonly severity: number;
  readonly unitText: string;
  readonly data: Uint8Array;
}

/** Resolves when the kernel has taken it. */
export async function reportFirmwareError(error: FirmwareError): Promise<void> {
  const memory = openSync("/dev/mem", "r+");
  try {
    const pointer = Buffer.alloc(8);
    pointer.writeBigUInt64LE(BigInt(firmwareBlock));
    const block = makeBlock(error);
    // The status comes last: from then on the kernel may read.
    writeSync(memory, block, 4, block.length - 4, firmwareBlock + 4);
    writeSync(memory, block, 0, 4, firmwareBlock);
    writeSync(memory, pointer, 0, 8, firmwareRegister);
    const status = Buffer.alloc(4);
    await waitUntil("the kernel to take what firmware reports", () => {
      readSync(memory, status, 0, 4, firmwareBlock);
      return status.readUInt32LE(0) === 0 || undefined;
    });
  } finally {
    closeSync(memory);
  }
}

/** Generic error status block with one data entry, ACPI 6.5, section 18.3.2.7.1. */
function makeBlock({ section, severity, unitText, data }: FirmwareError): Buffer {
  const entry = Buffer.alloc(64);
  writeGuid(section, entry);
  entry.writeUInt32LE(severity, 16);
  entry.writeUInt16LE(0x201, 20);
  entry.writeUInt8(2, 22); // the text is valid
  entry.writeUInt32LE(data.length, 24);
  entry.write(unitText, 44, 20, "latin1");
  const header = Buffer.alloc(20);
  const isCorrected = severity === firmwareSeverity.corrected || severity === firmwareSeverity.info;
  header.writeUInt32LE((isCorrected ? 2 : 1) | (1 << 4), 0);
  header.writeUInt32LE(entry.length + data.length, 12);
  header.writeUInt32LE(severity, 16);
  const block = Buffer.concat([header, entry, data]);
  if (block.length > FIRMWARE_BLOCK_BYTES) throw new RangeError("the section is too long");
  return block;
}

function writeGuid(text: string, into: Buffer): void {
  const [low = "", middle = "", high = "", ...rest] = text.split("-");
  into.writeUInt32LE(Number.parseInt(low, 16), 0);
  into.writeUInt16LE(Number.parseInt(middle, 16), 4);
  into.writeUInt16LE(Number.parseInt(high, 16), 6);
  into.write(rest.join(""), 8, "hex");
}

/** UEFI 2.10, N.2.4.4, with one cache error. */
export function armSection(): Buffer {
  const section = Buffer.alloc(72);
  section.writeUInt32LE(0xf, 0);
  section.writeUInt16LE(1, 4);
  section.writeUInt32LE(section.length, 8);
  section.writeUInt8(1, 12);
  section.writeBigUInt64LE(0x8000_0001n, 16);
  section.writeBigUInt64LE(0x410f_d034n, 24);
  section.writeUInt32LE(1, 32);
  section.writeUInt8(32, 41);
  section.writeUInt16LE(0x1f, 42);
  section.writeBigUInt64LE(0x91_000fn, 48);
  section.writeBigUInt64LE(0xdeadn, 56);
  section.writeBigUInt64LE(0xbeefn, 64);
  return section;
}

/** UEFI 2.10, N.2.5: a memory error at a physical address. */
export function memorySection(address: bigint): Buffer {
  const section = Buffer.alloc(80);
  section.writeBigUInt64LE(2n | 4n, 0);
  section.writeBigUInt64LE(address, 16);
  section.writeBigUInt64LE(0xffff_ffff_ffff_f000n, 24);
  return section;
}
