/** Registers, identifiers and raw bytes as text: none of them is a number to calculate with. */

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sixteen bytes as the kernel's `guid_t` has them: the first three groups in little-endian order (UEFI 2.10, appendix A). */
export function formatGuid(bytes: Uint8Array): string {
  const text = hexBytes(Uint8Array.from(guidOrder, (index) => bytes[index] ?? 0));
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** Names of the bits that are set, lowest first; `bit 5` where it has none. */
export function nameBits(value: number | bigint, names: ReadonlyMap<number, string>): string[] {
  const rest = BigInt(value);
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => ((rest >> BigInt(bit)) & 1n) === 1n)
    .map((bit) => names.get(bit) ?? `bit ${bit}`);
}
