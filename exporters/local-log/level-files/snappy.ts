/** Decompresses one Snappy block (google/snappy, format_description.txt). */
import { ByteReader, LevelDamage } from "./byte-reader.ts";

/** LevelDB's blocks are some kilobytes and hold one value at least; no value of the local log comes near this. */
const LARGEST_BYTES = 256 << 20;

/** Throws `LevelDamage` where the bytes are not what a compressor writes. */
export function decompressSnappy(compressed: Buffer): Buffer {
  const input = new ByteReader(compressed);
  const length = input.readVarint();
  if (length > LARGEST_BYTES) throw new LevelDamage("a block is too large");
  const output = Buffer.allocUnsafe(length);
  let written = 0;
  while (!input.isAtEnd) {
    const tag = input.readBytes(1)[0] ?? 0;
    if ((tag & 3) === 0) {
      const literal = input.readBytes(readLiteralLength(input, tag >> 2));
      if (literal.length > length - written) throw new LevelDamage("a block is longer than it says");
      literal.copy(output, written);
      written += literal.length;
      continue;
    }
    written += repeat(output, written, readCopy(input, tag));
  }
  if (written !== length) throw new LevelDamage("a block is shorter than it says");
  return output;
}

/** Writes once more what was written before; returns how many bytes. */
function repeat(output: Buffer, written: number, { size, distance }: Copy): number {
  if (distance === 0 || distance > written || size > output.length - written) {
    throw new LevelDamage("a block refers to bytes that are not there");
  }
  // What overlaps its own target repeats itself.
  if (distance >= size) output.copyWithin(written, written - distance, written - distance + size);
  else for (let at = written; at < written + size; at += 1) output[at] = output[at - distance] ?? 0;
  return size;
}

function readLiteralLength(input: ByteReader, code: number): number {
  if (code < 60) return code + 1;
  const bytes = code - 59;
  return input.readBytes(bytes).readUIntLE(0, bytes) + 1;
}

interface Copy {
  readonly size: number;
  readonly distance: number;
}

function readCopy(input: ByteReader, tag: number): Copy {
  const isShort = (tag & 3) === 1;
  if (isShort) {
    const low = input.readBytes(1)[0] ?? 0;
    return { size: ((tag >> 2) & 7) + 4, distance: ((tag >> 5) << 8) | low };
  }
  const bytes = (tag & 3) === 2 ? 2 : 4;
  return { size: (tag >> 2) + 1, distance: input.readBytes(bytes).readUIntLE(0, bytes) };
}
