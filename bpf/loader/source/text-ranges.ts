/** Where functions of the kernel are: one look through its symbols, without keeping them. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** Text of a function, or of a part of it that the compiler put elsewhere. */
export interface KernelTextRange {
  readonly start: bigint;
  /** The first address behind it. */
  readonly end: bigint;
}

/**
 * By name, with the parts of a function (`name.cold`, `name.isra.0`). Without names that this kernel does not have, and
 * empty where it does not show its symbols (kernel.kptr_restrict, no CONFIG_KALLSYMS).
 */
export function readTextRanges(
  names: Iterable<string>,
  kallsymsPath: string = "/proc/kallsyms",
): ReadonlyMap<string, readonly KernelTextRange[]> {
  const found = new Map<string, KernelTextRange[]>();
  const wanted = [...names].filter((name) => /^\w+$/.test(name)).join("|");
  if (wanted === "") return found;
  const lines = new RegExp(String.raw`^([0-9a-f]+) [tTwW] (${wanted})(?:\.\S+)?(?:\t\[(\w+)\])?\n`, "gm");
  for (const { text, end: partEnd } of readParts(kallsymsPath)) {
    for (const { 0: line, 1: address = "", 2: name = "", 3: module, index } of text.matchAll(lines)) {
      const start = BigInt(`0x${address}`);
      if (start === 0n || index >= partEnd) continue;
      const end =
        module === undefined
          ? addressAt(text, index + line.length)
          : endInModule(kallsymsPath, module, start);
      found.set(name, [...(found.get(name) ?? []), { start, end: end ?? start + 1n }]);
    }
  }
  return found;
}

const PART_BYTES = 1 << 17;

/** Whole lines up to `end`, and behind it the next one, which says where the text of the last one ends. */
function* readParts(path: string): Generator<{ readonly text: string; readonly end: number }> {
  const file = openFile(path);
  if (file === undefined) return;
  const bytes = Buffer.allocUnsafe(PART_BYTES);
  let rest = "";
  try {
    for (let count = readSync(file, bytes); count > 0; count = readSync(file, bytes)) {
      const text = rest + bytes.toString("latin1", 0, count);
      const end = text.lastIndexOf("\n", text.lastIndexOf("\n") - 1) + 1;
      yield { text, end };
      rest = text.slice(end);
    }
    yield { text: rest, end: rest.length };
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

/** The kernel's own symbols are in the order of their addresses. */
function addressAt(text: string, at: number): bigint | undefined {
  const [, next] = /^([0-9a-f]+) /.exec(text.slice(at, at + 32)) ?? [];
  return next === undefined ? undefined : BigInt(`0x${next}`);
}

/** A module's symbols are in any order. */
function endInModule(path: string, module: string, start: bigint): bigint | undefined {
  const symbols = readFileSync(path, "latin1").matchAll(
    new RegExp(String.raw`^([0-9a-f]+) .*\t\[${module}\]$`, "gm"),
  );
  const above = Array.from(symbols, ([, address]) => BigInt(`0x${address}`)).filter(
    (address) => address > start,
  );
  return above.length === 0
    ? undefined
    : above.reduce((least, address) => (address < least ? address : least));
}
