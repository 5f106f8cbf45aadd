/** Reads the fields of a record that need more than one call of DataView. Records are little-endian. */
import { readText } from "../loader/source/btf/text.ts";

export { readText };

/**
 * A 64-bit integer as number: exact below 2^53, rounded to the nearest number above. Nanoseconds since boot pass
 * 2^53 after 104 days and are then right to 2 ns.
 */
export function readUint64(view: DataView, offset: number): number {
  // Three times as fast as Number(view.getBigUint64(…)), which makes a bigint first.
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000;
}

/** Addresses up to the first zero, at most `count`. */
export function readAddresses(view: DataView, offset: number, count: number): bigint[] {
  const addresses: bigint[] = [];
  for (let at = offset; at < offset + count * 8; at += 8) {
    // Most stacks are shorter than their field: the end is seen without making a bigint.
    if (view.getUint32(at, true) === 0 && view.getUint32(at + 4, true) === 0) break;
    addresses.push(view.getBigUint64(at, true));
  }
  return addresses;
}

/**
 * The path of a cgroup from the names that the BPF program wrote: from the leaf up, each followed by a slash, because
 * a directory knows its parent and not the other way round. Where the last slash is missing there was no room for the
 * names above: the path then begins with `…/` and not with `/`. Empty where there is none.
 */
export function readCgroupPath(view: DataView, offset: number, lengthBytes: number): string {
  return turnCgroupPath(readText(view, offset, lengthBytes));
}

/** The same for a text that was read already, as out of a map. */
export function turnCgroupPath(leafFirst: string): string {
  if (leafFirst === "") return "";
  const path = `/${leafFirst.split("/").filter(Boolean).toReversed().join("/")}`;
  return leafFirst.endsWith("/") ? path : `…${path}`;
}

/** A copy: the buffer that records are read from is used again. */
export function readBytes(view: DataView, offset: number, lengthBytes: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes).slice();
}

/** The label of an enum's value; `unknown` for a value that the program was not compiled with. */
export function readLabel<Label extends string>(
  labels: Readonly<Record<number, Label>>,
  value: number,
): Label | "unknown" {
  return labels[value] ?? "unknown";
}

/** 16 bytes as text: RFC 5952 for IPv6, dotted for an IPv4 address in its mapped form (::ffff:a.b.c.d). */
export function readIpAddress(view: DataView, offset: number): string {
  const isMapped =
    view.getUint32(offset) === 0 && view.getUint32(offset + 4) === 0 && view.getUint32(offset + 8) === 0xffff;
  return isMapped ? readDotted(view, offset + 12) : readGroups(view, offset);
}

function readDotted(view: DataView, at: number): string {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;
}

const groupCount = 8;

function readGroups(view: DataView, offset: number): string {
  const [zeroStart, zeroCount] = findLongestZeros(view, offset);
  let text = "";
  for (let group = 0; group < groupCount; group++) {
    if (group === zeroStart) {
      text += "::";
      group += zeroCount - 1;
      continue;
    }
    if (text !== "" && !text.endsWith(":")) text += ":";
    text += view.getUint16(offset + group * 2).toString(16);
  }
  return text;
}

/** The first of the longest runs of two or more groups that are zero: RFC 5952, section 4.2. */
function findLongestZeros(view: DataView, offset: number): readonly [start: number, count: number] {
  let longestStart = -1;
  let longestCount = 1;
  let count = 0;
  for (let group = 0; group < groupCount; group++) {
    count = view.getUint16(offset + group * 2) === 0 ? count + 1 : 0;
    if (count > longestCount) {
      longestStart = group - count + 1;
      longestCount = count;
    }
  }
  return [longestStart, longestCount];
}
