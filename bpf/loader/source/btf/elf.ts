/** The little of ELF that is needed to find a section: System V ABI, "Object Files". */
import { BtfError } from "./btf-error.ts";

const classElf64 = 2;
const littleEndianData = 1;
const bigEndianData = 2;
const headerSizeBytes = 64;
const sectionHeaderSizeBytes = 64;
const typeNoBits = 8;
const flagCompressed = 0x800;

export interface ElfSection {
  readonly name: string;
  /** Index of the section whose symbols or strings this one refers to. */
  readonly link: number;
  /** A view of the file, not a copy; empty for sections without content. */
  readonly bytes: Uint8Array;
}

export interface ElfFile {
  readonly isLittleEndian: boolean;
  readonly sections: readonly ElfSection[];
}

/** Section headers of an ELF64 file of either byte order. Throws `ELF_INVALID`. */
export function readElf(bytes: Uint8Array): ElfFile {
  if (bytes.length < headerSizeBytes) throw invalid(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x7f454c46) throw invalid("the first four bytes are not those of ELF");
  if (bytes[4] !== classElf64) throw invalid("it is not a 64-bit file");
  if (bytes[5] !== littleEndianData && bytes[5] !== bigEndianData) throw invalid("unknown byte order");
  const isLittleEndian = bytes[5] === littleEndianData;

  const tableOffset = Number(view.getBigUint64(0x28, isLittleEndian));
  const entrySizeBytes = view.getUint16(0x3a, isLittleEndian);
  const sectionCount = view.getUint16(0x3c, isLittleEndian);
  const namesIndex = view.getUint16(0x3e, isLittleEndian);
  if (sectionCount === 0) return { isLittleEndian, sections: [] };
  if (entrySizeBytes !== sectionHeaderSizeBytes) throw invalid(`section headers of ${entrySizeBytes} bytes`);
  slice(bytes, tableOffset, sectionCount * sectionHeaderSizeBytes, "the section headers");

  const headers = Array.from({ length: sectionCount }, (_, index) =>
    readHeader(view, tableOffset + index * sectionHeaderSizeBytes, isLittleEndian),
  );
  const namesHeader = headers[namesIndex];
  if (namesHeader === undefined) throw invalid("no section holds the names");
  const names = contentOf(bytes, namesHeader, "the section names");
  const sections = headers.map((header) => {
    const name = readString(names, header.nameOffset);
    return { name, link: header.link, bytes: contentOf(bytes, header, name) };
  });
  return { isLittleEndian, sections };
}

/** Content of the first section of that name, as a view of `bytes`. Throws `ELF_INVALID`. */
export function readElfSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  return readElf(bytes).sections.find((section) => section.name === name)?.bytes;
}

interface SectionHeader {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
}

function readHeader(view: DataView, at: number, isLittleEndian: boolean): SectionHeader {
  return {
    nameOffset: view.getUint32(at, isLittleEndian),
    type: view.getUint32(at + 4, isLittleEndian),
    flags: Number(BigInt.asUintN(32, view.getBigUint64(at + 8, isLittleEndian))),
    offset: Number(view.getBigUint64(at + 24, isLittleEndian)),
    sizeBytes: Number(view.getBigUint64(at + 32, isLittleEndian)),
    link: view.getUint32(at + 40, isLittleEndian),
  };
}

function contentOf(bytes: Uint8Array, header: SectionHeader, name: string): Uint8Array {
  if (header.type === typeNoBits || header.type === 0) return bytes.subarray(0, 0);
  if ((header.flags & flagCompressed) !== 0) throw invalid(`section ${name} is compressed`);
  return slice(bytes, header.offset, header.sizeBytes, `section ${name}`);
}

function slice(bytes: Uint8Array, offset: number, sizeBytes: number, what: string): Uint8Array {
  const end = offset + sizeBytes;
  if (end > bytes.length) throw invalid(`${what} would end at byte ${end} of ${bytes.length}`);
  return bytes.subarray(offset, end);
}

/** Text up to NUL in a string table. */
function readString(table: Uint8Array, offset: number): string {
  const end = table.indexOf(0, offset);
  if (offset >= table.length || end < 0) throw invalid(`a name at ${offset} is outside its string table`);
  return Buffer.from(table.buffer, table.byteOffset + offset, end - offset).toString("utf8");
}

function invalid(reason: string): BtfError {
  return new BtfError("ELF_INVALID", `Not a usable ELF file: ${reason}.`);
}
