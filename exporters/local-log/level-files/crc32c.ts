/** CRC-32C (Castagnoli, RFC 3720 section 12.1), masked the way LevelDB stores it (util/crc32c.h). */
const POLYNOMIAL_REVERSED = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL_REVERSED : 0);
  return value >>> 0;
});

/** The masked checksum of the bytes from `start` up to `end`, as an unsigned 32-bit number. */
export function maskedChecksum(bytes: Uint8Array, start: number, end: number): number {
  let value = 0xffffffff;
  for (let at = start; at < end; at += 1) {
    value = (TABLE[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8);
  }
  const checksum = ~value >>> 0;
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
}
