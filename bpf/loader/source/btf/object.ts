/** BTF of a compiled BPF object, before any loader touched it. */
import { readFileSync } from "node:fs";
import { parseBtf } from "./btf.ts";
import type { Btf } from "./btf.ts";
import { BtfError } from "./btf-error.ts";
import { readElf } from "./elf.ts";
import type { ElfFile } from "./elf.ts";

const symbolSizeBytes = 24;
const relocationSizeBytes = 16;

/** Throws `ELF_INVALID`, `BTF_INVALID`, or `BTF_UNAVAILABLE` where the object has no BTF. */
export function readObjectBtf(bytes: Uint8Array): Btf {
  const elf = readElf(bytes);
  const section = elf.sections.find(({ name }) => name === ".BTF");
  if (section === undefined)
    throw new BtfError("BTF_UNAVAILABLE", "The object has no .BTF section: compile it with -g.");
  return parseBtf(placeVariables(elf, section.bytes));
}

/** Throws as `readObjectBtf`, and the error of the file system where the file cannot be read. */
export function loadObjectBtf(path: string | URL): Btf {
  return readObjectBtf(readFileSync(path));
}

/**
 * clang leaves the offsets of variables in data sections to relocations (R_BPF_64_ABS32, R_BPF_64_NODYLD32);
 * both add the value of a symbol to a 32-bit word.
 */
function placeVariables(elf: ElfFile, btf: Uint8Array): Uint8Array {
  const relocations = elf.sections.find(({ name }) => name === ".rel.BTF");
  const symbols = elf.sections[relocations?.link ?? -1]?.bytes;
  if (relocations === undefined || symbols === undefined) return btf;
  const placed = Uint8Array.from(btf);
  const words = viewOf(placed);
  const entries = viewOf(relocations.bytes);
  const symbolTable = viewOf(symbols);
  for (let at = 0; at + relocationSizeBytes <= entries.byteLength; at += relocationSizeBytes) {
    const offset = Number(entries.getBigUint64(at, elf.isLittleEndian));
    const symbolAt =
      entries.getUint32(at + (elf.isLittleEndian ? 12 : 8), elf.isLittleEndian) * symbolSizeBytes;
    if (offset + 4 > placed.length || symbolAt + symbolSizeBytes > symbols.length)
      throw new BtfError("ELF_INVALID", "A relocation of the BTF points outside of it.");
    const value = Number(BigInt.asUintN(32, symbolTable.getBigUint64(symbolAt + 8, elf.isLittleEndian)));
    words.setUint32(offset, words.getUint32(offset, elf.isLittleEndian) + value, elf.isLittleEndian);
  }
  return placed;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
