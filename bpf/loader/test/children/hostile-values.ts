/** Values that are wrong for most functions of the addon, and which of them a kind of argument takes all the same. */

type HandleKind = "object" | "link" | "ring" | "netlink" | "kmsg" | "clock" | "statistics" | "timestamps";

export type Kind =
  | HandleKind
  | "boolean"
  | "int"
  | "uint"
  | "id"
  | "text"
  | "optional text"
  | "bytes"
  | "optional bytes"
  | "doubles"
  | "bigs"
  | `words ${number}`
  | "function";

/** What exists of each, open or closed. */
export const handles: Readonly<Record<HandleKind, Set<unknown>>> = {
  object: new Set(),
  link: new Set(),
  ring: new Set(),
  netlink: new Set(),
  kmsg: new Set(),
  clock: new Set(),
  statistics: new Set(),
  timestamps: new Set(),
};

function detached(): Uint8Array {
  const bytes = new Uint8Array(16);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function refuse(): never {
  throw new Error("an argument was converted");
}

/** With one handle of each kind. Numbers that could be descriptors of this process are left out but for 0. */
export function hostileValues(): readonly unknown[] {
  const numbers = [0, -0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e300, 2 ** 64];
  const limits = [2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53];
  const texts = ["", "text", "with\0NUL", "\uD800", "%s%n", "x".repeat(100_000)];
  const objects = [{}, [], [1, 2], () => {}, new Date(0), /x/, new Map(), new Proxy({}, {})];
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  const bytes = [new Uint8Array(0), new Uint8Array(3), Buffer.alloc(8), detached(), shared];
  const buffers = [
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Int8Array(8),
    new Uint8ClampedArray(8),
  ];
  const words = [new Uint32Array(0), new Uint32Array(3), new Float64Array(1), new BigUint64Array(3)];
  return [
    undefined,
    null,
    true,
    false,
    Symbol("symbol"),
    1n,
    2n ** 70n,
    { length: 4, valueOf: refuse, toString: refuse },
    ...[numbers, limits, texts, objects, bytes, buffers, words].flat(),
    ...Object.values(handles).flatMap((known) => [...known].slice(0, 1)),
  ];
}

function isWhole(value: unknown, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest;
}

const isText = (value: unknown): boolean => typeof value === "string" && !value.includes("\0");

const isNothing = (value: unknown): boolean => value === null || value === undefined;
const isBytes = (value: unknown): boolean => value instanceof Uint8Array;

const accepts: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  int: (value) => isWhole(value, -(2 ** 31), 2 ** 31 - 1),
  uint: (value) => isWhole(value, 0, 2 ** 32 - 1),
  id: (value) => isWhole(value, 0, Number.MAX_SAFE_INTEGER),
  text: isText,
  "optional text": (value) => isNothing(value) || isText(value),
  bytes: isBytes,
  "optional bytes": (value) => isNothing(value) || isBytes(value),
  doubles: (value) => value instanceof Float64Array && value.length >= 2,
  bigs: (value) => value instanceof BigUint64Array && value.length >= 4,
  function: (value) => typeof value === "function",
};

/** Whether the value is of the kind. One of which there is too little for its purpose may be refused all the same. */
export function isAccepted(kind: Kind, value: unknown): boolean {
  if (Object.hasOwn(handles, kind)) return handles[kind as HandleKind].has(value);
  const accept = accepts[kind];
  if (accept !== undefined) return accept(value);
  return value instanceof Uint32Array && value.length >= Number(kind.slice("words ".length));
}
