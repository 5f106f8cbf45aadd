/** Which functions of the kernel reclaim a cgroup's memory, and why, as the kernel half reads them. */
import type { EventBpf } from "#receiver/tracing/contract.ts";

/** The one function through which all memory of a cgroup is reclaimed, mm/vmscan.c. */
const RECLAIM = "try_to_free_mem_cgroup_pages";
/** Of the kernel half. */
const CAUSE_FUNCTIONS = 32;

/** By the numbers of `enum reclaim_cause`; 0 is whatever is in none of these. mm/memcontrol.c, mm/memcontrol-v1.c. */
const callers: readonly (readonly [cause: number, functions: readonly string[]])[] = [
  [1, ["reclaim_high", "mem_cgroup_handle_over_high", "__mem_cgroup_handle_over_high"]],
  [2, ["high_work_func"]],
  [3, ["memory_max_write", "mem_cgroup_resize_max", "mem_cgroup_write"]],
  [4, ["memory_high_write"]],
  [5, ["memory_reclaim", "mem_cgroup_force_empty", "mem_cgroup_force_empty_write"]],
];

type CauseFunction = { readonly start: bigint; readonly end: bigint; readonly cause: bigint };

/** Value of the map `cause_functions`, as bpf's `struct cause_functions` has it. */
export type CauseFunctions = { readonly reclaim: CauseFunction; readonly callers: CauseFunction[] };

const none: CauseFunction = { start: 0n, end: 0n, cause: 0n };

/** Undefined where the kernel does not show its symbols, so that nobody can tell why memory is reclaimed. */
export function findCauseFunctions(bpf: Pick<EventBpf, "textRanges">): CauseFunctions | undefined {
  const ranges = bpf.textRanges([RECLAIM, ...callers.flatMap(([, functions]) => functions)]);
  const locate = (name: string, cause: number): CauseFunction[] =>
    (ranges.get(name) ?? []).map(({ start, end }) => ({ start, end, cause: BigInt(cause) }));
  // The largest part: what a compiler puts elsewhere is what hardly ever runs.
  const [reclaim] = locate(RECLAIM, 0).sort((left, right) => Number(sizeOf(right) - sizeOf(left)));
  if (reclaim === undefined) return undefined;
  const found = callers.flatMap(([cause, functions]) => functions.flatMap((name) => locate(name, cause)));
  return {
    reclaim,
    callers: Array.from({ length: CAUSE_FUNCTIONS }, (_, index) => found[index] ?? none),
  };
}

function sizeOf({ start, end }: CauseFunction): bigint {
  return end - start;
}
