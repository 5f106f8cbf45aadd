/** The types of a module beside those of the kernel that they continue. */
import { BtfError } from "./btf-error.ts";

const MAGIC = 0xeb9f;
/** struct btf_header, include/uapi/linux/btf.h */
const HEADER_BYTES = 24;

interface Sections {
  readonly isLittleEndian: boolean;
  readonly version: number;
  readonly types: Uint8Array;
  readonly strings: Uint8Array;
}

/**
 * A module's BTF is split: its ids and its names go on where the kernel's end (Documentation/bpf/btf.rst). So the two one
 * behind the other are one whole BTF. Throws `BTF_INVALID` for bytes that are none.
 */
export function joinBtf(kernel: Uint8Array, module: Uint8Array): Uint8Array {
  const [first, second] = [readSections(kernel), readSections(module)];
  const typesBytes = first.types.length + second.types.length;
  const stringsBytes = first.strings.length + second.strings.length;
  const joined = new Uint8Array(HEADER_BYTES + typesBytes + stringsBytes);
  const header = new DataView(joined.buffer);
  header.setUint16(0, MAGIC, first.isLittleEndian);
  header.setUint8(2, first.version);
  for (const [at, value] of [HEADER_BYTES, 0, typesBytes, typesBytes, stringsBytes].entries())
    header.setUint32(4 + 4 * at, value, first.isLittleEndian);
  joined.set(first.types, HEADER_BYTES);
  joined.set(second.types, HEADER_BYTES + first.types.length);
  joined.set(first.strings, HEADER_BYTES + typesBytes);
  joined.set(second.strings, HEADER_BYTES + typesBytes + first.strings.length);
  return joined;
}

function readSections(btf: Uint8Array): Sections {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.byteLength);
  if (btf.length < HEADER_BYTES) throw new BtfError("BTF_INVALID", `${btf.length} bytes are no BTF.`);
  const isLittleEndian = view.getUint16(0, true) === MAGIC;
  if (!isLittleEndian && view.getUint16(0) !== MAGIC)
    throw new BtfError("BTF_INVALID", "The types of a kernel do not begin as BTF does.");
  const word = (at: number): number => view.getUint32(at, isLittleEndian);
  const section = (at: number): Uint8Array => {
    const start = word(4) + word(at);
    const end = start + word(at + 4);
    if (end > btf.length) throw new BtfError("BTF_INVALID", `The BTF ends at ${btf.length}, before ${end}.`);
    return btf.subarray(start, end);
  };
  return { isLittleEndian, version: view.getUint8(2), types: section(8), strings: section(16) };
}
