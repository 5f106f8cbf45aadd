import type { BpfMap, MapValue } from "./map.ts";

/** Adds up a map of counters, over all its keys and CPUs. */
export function sumValues(map: BpfMap): bigint {
  let sum = 0n;
  for (const value of map.values()) sum += total(value);
  return sum;
}

function total(value: MapValue): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.reduce((sum: bigint, each: MapValue) => sum + total(each), 0n);
  return 0n;
}
