/** Reads the text of /proc/kallsyms into arrays: a kernel has more than 100,000 symbols, too many for an object each. */

export interface SymbolTable {
  /** Ascending; where text ends, an entry without a name follows. */
  readonly addresses: BigUint64Array;
  /** Of each entry in `names`; equal to the next one's where it has no name. */
  readonly nameOffsets: Uint32Array;
  readonly names: Buffer;
  /** Index into `modules` of each entry. */
  readonly moduleOf: Uint16Array;
  /** [0] is the kernel itself, `""`. */
  readonly modules: readonly string[];
  /** All addresses read as zero: kernel.kptr_restrict. */
  readonly isHidden: boolean;
}

const newline = 10;
const space = 32;
const tab = 9;
const bracket = 91;
/** Text, global and local, and weak: `T t W w`. */
const textTypes: ReadonlySet<number> = new Set([84, 116, 87, 119]);

/** Lines of `address type name [module]`. */
export function parseKallsyms(text: Buffer): SymbolTable {
  return compact(text, scan(text));
}

/** Every symbol of the file, in its order. */
interface Scan {
  readonly count: number;
  readonly addresses: BigUint64Array;
  readonly nameStarts: Uint32Array;
  readonly nameEnds: Uint32Array;
  readonly isText: Uint8Array;
  readonly moduleOf: Uint16Array;
  readonly modules: string[];
}

function scan(text: Buffer): Scan {
  let lines = 1;
  for (const byte of text) if (byte === newline) lines++;
  const addresses = new BigUint64Array(lines);
  // Two 32-bit halves: a bigint for each symbol would cost more than all the rest.
  const halves = new Uint32Array(addresses.buffer);
  const high = isLittleEndian() ? 1 : 0;
  const nameStarts = new Uint32Array(lines);
  const nameEnds = new Uint32Array(lines);
  const isText = new Uint8Array(lines);
  const moduleOf = new Uint16Array(lines);
  const modules = [""];
  const moduleIds = new Map<string, number>();
  let count = 0;
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(newline, at);
    const end = found < 0 ? text.length : found;
    const typeAt = text.indexOf(space, at) + 1;
    if (typeAt > at && typeAt + 2 < end) {
      halves[2 * count + high] = readHex(text, at, typeAt - 9);
      halves[2 * count + 1 - high] = readHex(text, Math.max(at, typeAt - 9), typeAt - 1);
      isText[count] = textTypes.has(text[typeAt] ?? 0) ? 1 : 0;
      nameStarts[count] = typeAt + 2;
      const nameEnd = endOfName(text, typeAt + 2, end);
      nameEnds[count] = nameEnd;
      if (nameEnd < end) moduleOf[count] = moduleId(moduleName(text, nameEnd, end), modules, moduleIds);
      count++;
    }
    at = end + 1;
  }
  return { count, addresses, nameStarts, nameEnds, isText, moduleOf, modules };
}

function readHex(text: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const byte = text[at] ?? 0;
    // 0-9 are 0x30-0x39, a-f are 0x61-0x66.
    value = value * 16 + (byte < 0x3a ? byte - 0x30 : byte - 0x57);
  }
  return value;
}

function endOfName(text: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] !== tab && text[at] !== space) at++;
  return at;
}

function moduleName(text: Buffer, from: number, end: number): string {
  const opening = text.indexOf(bracket, from);
  return opening < 0 || opening >= end ? "" : text.toString("latin1", opening + 1, end - 1);
}

function moduleId(name: string, modules: string[], ids: Map<string, number>): number {
  if (name === "") return 0;
  const known = ids.get(name);
  if (known !== undefined) return known;
  const id = modules.push(name) - 1;
  ids.set(name, id);
  return id;
}

/** Keeps text symbols in order of their addresses, and the place where other symbols begin as an entry without a name. */
function compact(text: Buffer, symbols: Scan): SymbolTable {
  const order = sortedOrder(symbols);
  const kept: number[] = [];
  let namesBytes = 0;
  let previousIsText = false;
  for (const index of order) {
    const isText = symbols.isText[index] === 1;
    if (isText) namesBytes += (symbols.nameEnds[index] ?? 0) - (symbols.nameStarts[index] ?? 0);
    if (isText || previousIsText) kept.push(index);
    previousIsText = isText;
  }
  const addresses = new BigUint64Array(kept.length);
  const nameOffsets = new Uint32Array(kept.length + 1);
  const moduleOf = new Uint16Array(kept.length);
  const names = Buffer.allocUnsafe(namesBytes);
  let nameAt = 0;
  for (const [place, index] of kept.entries()) {
    addresses[place] = symbols.addresses[index] ?? 0n;
    moduleOf[place] = symbols.moduleOf[index] ?? 0;
    nameOffsets[place] = nameAt;
    if (symbols.isText[index] === 1)
      nameAt += text.copy(names, nameAt, symbols.nameStarts[index], symbols.nameEnds[index]);
  }
  nameOffsets[kept.length] = nameAt;
  const last = order.at(-1);
  const isHidden = last !== undefined && symbols.addresses[last] === 0n;
  return { addresses, nameOffsets, names, moduleOf, modules: symbols.modules, isHidden };
}

/** By address; of several names for one address the file's first stays first, as in the kernel's own messages. */
function sortedOrder({ count, addresses }: Scan): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const halves = new Uint32Array(addresses.buffer);
  const high = isLittleEndian() ? 1 : 0;
  const compare = (left: number, right: number): number =>
    (halves[2 * left + high] ?? 0) - (halves[2 * right + high] ?? 0) ||
    (halves[2 * left + 1 - high] ?? 0) - (halves[2 * right + 1 - high] ?? 0) ||
    left - right;
  // Without modules the file is in order already.
  const isSorted = order.every((index) => index === 0 || compare(index - 1, index) < 0);
  return isSorted ? order : order.sort(compare);
}

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}
