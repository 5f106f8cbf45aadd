/** Two measurements of the same as one: what disturbs a guest only ever adds instructions, so the lower figure of each is right. */
import type { CostRows } from "./cost-rows.ts";

/** A row that only the second has is left out: it cannot be held against anything. */
function lowerOf<Row>(
  first: readonly Row[],
  second: readonly Row[],
  nameOf: (row: Row) => string,
  valueOf: (row: Row) => number,
): Row[] {
  const others = new Map(second.map((row) => [nameOf(row), row]));
  return first.map((row) => {
    const other = others.get(nameOf(row));
    return other !== undefined && valueOf(other) < valueOf(row) ? other : row;
  });
}

export function takeLower(first: CostRows, second: CostRows): CostRows {
  return {
    ...first,
    hits: lowerOf(
      first.hits,
      second.hits,
      ({ event, program, hook, state, workload }) => [event, program, hook, state, workload].join(" "),
      ({ instructions }) => instructions,
    ),
    whole: lowerOf(
      first.whole,
      second.whole,
      ({ workload }) => workload,
      ({ without, withProbes }) => withProbes - without,
    ),
  };
}
