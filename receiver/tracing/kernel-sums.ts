/** What the kernel half counted in a map, added up over CPUs and over the runs of its event. */
import type { BpfMap } from "bpf-loader-napi";
import type { KernelSum } from "./contract.ts";

/** Counts are numbers from here on: exact up to 2^53. */
type Counted = number | readonly Counted[] | { readonly [field: string]: Counted };

/** By the text of the key, because a key may be a struct. */
export type KernelSums = ReadonlyMap<string, KernelSum>;

/** `map` is read now; with `earlier`, what earlier runs counted is in the result too. */
export function addSums(earlier: KernelSums, map: BpfMap): KernelSums {
  const total = new Map(earlier);
  const isPerCpu = map.type.includes("percpu_");
  for (const [key, counted] of map.entries()) {
    const values = (isPerCpu ? counted : [counted]) as readonly unknown[];
    const text = nameKey(key);
    const before = total.get(text);
    const parts = [...(before === undefined ? [] : [before.value as Counted]), ...values.map(toCounted)];
    total.set(text, { key, value: parts.reduce(add) });
  }
  return total;
}

function nameKey(key: unknown): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

function toCounted(value: unknown): Counted {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(toCounted);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toCounted(field)]));
  throw new TypeError(`a map of counts holds a ${typeof value}`);
}

/** Of two values of one map, so of one shape. */
function add(left: Counted, right: Counted): Counted {
  if (typeof left === "number") return left + (right as number);
  if (Array.isArray(left)) {
    const counts = right as readonly Counted[];
    return (left as readonly Counted[]).map((count, index) => add(count, counts[index] ?? 0));
  }
  const fields = right as Readonly<Record<string, Counted>>;
  return Object.fromEntries(
    Object.entries(left).map(([name, field]) => [name, add(field, fields[name] ?? 0)]),
  );
}
