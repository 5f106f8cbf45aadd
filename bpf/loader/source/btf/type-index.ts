/** Finds where each type record begins, in one pass and without an object per type: a kernel has 140,000. */
import { BtfError } from "./btf-error.ts";
import { kinds } from "./types.ts";
import type { BtfKind } from "./types.ts";

const magic = 0xeb9f;
const version = 1;
const headerSizeBytes = 24;
const recordSizeBytes = 12;

export interface TypeIndex {
  readonly view: DataView;
  readonly isLittleEndian: boolean;
  /** The string section. */
  readonly strings: Buffer;
  /** Byte offset in `view` of each type; [0] stands for void. */
  readonly offsets: Uint32Array;
}

/** Bytes that follow the record of a type: fixed, and per element of its list. */
const trailing: Readonly<Partial<Record<BtfKind, readonly [fixed: number, each: number]>>> = {
  int: [4, 0],
  array: [12, 0],
  struct: [0, 12],
  union: [0, 12],
  enum: [0, 8],
  func_proto: [0, 8],
  var: [4, 0],
  datasec: [0, 12],
  decl_tag: [4, 0],
  enum64: [0, 12],
};
const trailingFixed = kinds.map((kind) => trailing[kind]?.[0] ?? 0);
const trailingEach = kinds.map((kind) => trailing[kind]?.[1] ?? 0);

/** Checks the header and the extent of every record. Throws `BTF_INVALID`. */
export function indexTypes(bytes: Uint8Array): TypeIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittleEndian = readByteOrder(view);
  const header = (at: number): number => view.getUint32(at, isLittleEndian);
  const bodyOffset = header(4);
  const typesOffset = bodyOffset + header(8);
  const typesEnd = typesOffset + header(12);
  const stringsOffset = bodyOffset + header(16);
  const stringsEnd = stringsOffset + header(20);
  if (bodyOffset < headerSizeBytes) throw invalid(`a header of ${bodyOffset} bytes`);
  if (typesEnd > bytes.length) throw invalid("the types end behind the data");
  if (stringsEnd > bytes.length) throw invalid("the strings end behind the data");

  const strings = Buffer.from(bytes.buffer, bytes.byteOffset + stringsOffset, stringsEnd - stringsOffset);
  if (strings[0] !== 0 || strings.at(-1) !== 0) throw invalid("the strings do not begin and end with NUL");
  const offsets = findRecords({ view, isLittleEndian, typesOffset, typesEnd, nameLimit: strings.length });
  return { view, isLittleEndian, strings, offsets };
}

function readByteOrder(view: DataView): boolean {
  if (view.byteLength < headerSizeBytes) throw invalid(`${view.byteLength} bytes are too few for a header`);
  const isLittleEndian = view.getUint16(0, true) === magic;
  if (!isLittleEndian && view.getUint16(0, false) !== magic) throw invalid("the magic number is missing");
  if (view.getUint8(2) !== version) throw invalid(`version ${view.getUint8(2)} is not known`);
  return isLittleEndian;
}

interface RecordRange {
  readonly view: DataView;
  readonly isLittleEndian: boolean;
  readonly typesOffset: number;
  readonly typesEnd: number;
  readonly nameLimit: number;
}

function findRecords({ view, isLittleEndian, typesOffset, typesEnd, nameLimit }: RecordRange): Uint32Array {
  const offsets = new Uint32Array(1 + Math.floor((typesEnd - typesOffset) / recordSizeBytes));
  let count = 1;
  let at = typesOffset;
  while (at < typesEnd) {
    if (at + recordSizeBytes > typesEnd) throw invalid(`type ${count} is cut short`);
    const info = view.getUint32(at + 4, isLittleEndian);
    const kind = (info >>> 24) & 0x1f;
    const fixed = trailingFixed[kind];
    const each = trailingEach[kind];
    if (kind === 0 || fixed === undefined || each === undefined)
      throw invalid(`type ${count} is of the unknown kind ${kind}`);
    if (view.getUint32(at, isLittleEndian) >= nameLimit)
      throw invalid(`the name of type ${count} is not there`);
    offsets[count++] = at;
    at += recordSizeBytes + fixed + each * (info & 0xffff);
  }
  if (at !== typesEnd) throw invalid(`type ${count - 1} is cut short`);
  return offsets.subarray(0, count);
}

function invalid(reason: string): BtfError {
  return new BtfError("BTF_INVALID", `Not usable BTF: ${reason}.`);
}
