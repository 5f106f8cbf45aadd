/** Reads LevelDB's numbers and strings one after the other; whatever ends too early is damage. */
export class LevelDamage extends Error {
  readonly code = "LEVEL_DAMAGED";
}

export class ByteReader {
  at: number;
  readonly #bytes: Buffer;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** A varint of up to 53 bits; LevelDB's are file numbers, sizes and sequence numbers, which stay below that. */
  readVarint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.at];
      if (byte === undefined || this.isAtEnd) throw new LevelDamage("a number ends too early");
      this.at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new LevelDamage("a number is too large");
  }

  readBytes(length: number): Buffer {
    if (length > this.#end - this.at) throw new LevelDamage("a string ends too early");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  readString(): Buffer {
    return this.readBytes(this.readVarint());
  }
}
