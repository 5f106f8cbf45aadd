/**
 * Writes protobuf messages from their end to their beginning: when the length of a message is written, the message stands
 * behind it already, so nothing is measured first and nothing is moved afterwards
 * (https://protobuf.dev/programming-guides/encoding/). Fields are therefore written in reverse order.
 */

/** Strings up to here are copied by hand; calling into Node costs more than their bytes. */
const SHORT_LENGTH = 48;
const TWO_32 = 4_294_967_296;

export class ProtobufWriter {
  #bytes: Buffer;
  /** Where the first byte that was written is. */
  #at: number;

  constructor(capacityBytes: number = 65_536) {
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes);
    this.#at = capacityBytes;
  }

  /** Written so far; before a message its end, from which `writeLength` counts. */
  get sizeBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** A copy of all that was written, in its own memory; the writer is empty afterwards and keeps its capacity. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.sizeBytes);
    taken.set(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return taken;
  }

  /** A copy of what was written since `sizeBytes` had the value `end`. */
  copySince(end: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(this.#at, this.#bytes.length - end));
  }

  /** Forgets what was written after `sizeBytes` had this value. */
  rewind(sizeBytes: number): void {
    this.#at = this.#bytes.length - sizeBytes;
  }

  /** One byte: a tag, or a number below 128. */
  writeByte(value: number): void {
    this.#reserve(1);
    this.#at -= 1;
    this.#bytes[this.#at] = value;
  }

  writeBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#at -= bytes.length;
    this.#bytes.set(bytes, this.#at);
  }

  /** How long the message is that was written since `sizeBytes` had the value `end`. */
  writeLength(end: number): void {
    this.writeVarint(this.sizeBytes - end);
  }

  /** A whole number from -2^63 to below 2^64; negative ones in the ten bytes that int64 has. */
  writeVarint(value: number): void {
    if (value >= 0 && value < 128) {
      this.writeByte(value);
    } else if (value >= 0 && value < TWO_32) this.#writeWords(value, 0);
    else {
      const high = Math.floor(value / TWO_32);
      this.#writeWords(value - high * TWO_32, high >>> 0);
    }
  }

  writeFixed32(value: number): void {
    this.#reserve(4);
    this.#at -= 4;
    this.#bytes.writeUInt32LE(value >>> 0, this.#at);
  }

  /** A 64-bit number by its halves, each below 2^32. */
  writeFixed64(low: number, high: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeUInt32LE(low, this.#at);
    this.#bytes.writeUInt32LE(high, this.#at + 4);
  }

  writeDouble(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** Its length and its UTF-8; a surrogate without its partner becomes U+FFFD. */
  writeString(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 5);
    if (length > SHORT_LENGTH || !this.#copyAscii(text)) {
      const sizeBytes = Buffer.byteLength(text);
      this.#at -= sizeBytes;
      this.#bytes.write(text, this.#at);
      this.writeVarint(sizeBytes);
    } else this.writeByte(length);
  }

  /** False where it is not ASCII; nothing is written then. */
  #copyAscii(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#at - text.length;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      bytes[start + index] = code;
    }
    this.#at = start;
    return true;
  }

  /** `high * 2^32 + low`, seven bits a byte, the lowest first. */
  #writeWords(low: number, high: number): void {
    this.#reserve(10);
    const bytes = this.#bytes;
    const sizeBytes = high === 0 ? countGroups(low) : 5 + countGroups((high >>> 3) >>> 0, 0);
    let at = this.#at - sizeBytes;
    this.#at = at;
    let [rest, above] = [low >>> 0, high >>> 0];
    for (let left = sizeBytes - 1; left > 0; left -= 1) {
      bytes[at] = (rest & 127) | 128;
      at += 1;
      rest = ((rest >>> 7) | (above << 25)) >>> 0;
      above >>>= 7;
    }
    bytes[at] = rest & 127;
  }

  #reserve(sizeBytes: number): void {
    if (this.#at >= sizeBytes) return;
    const written = this.sizeBytes;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, written + sizeBytes));
    this.#bytes.copy(larger, larger.length - written, this.#at);
    this.#bytes = larger;
    this.#at = larger.length - written;
  }
}

/** How many groups of seven bits an unsigned 32-bit number has, at least `least`. */
function countGroups(value: number, least = 1): number {
  let count = least;
  for (let rest = least === 0 ? value : value >>> 7; rest > 0; rest >>>= 7) count += 1;
  return count;
}
