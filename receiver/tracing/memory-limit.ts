/** The user half of bpf/include/memory-limit.h: constants and names of what it reads. */

/** Pages of a memory cgroup without a limit, mm/page_counter.c: LONG_MAX / PAGE_SIZE. */
export function memoryLimitConstants(pageSizeBytes: number): { readonly no_limit_pages: bigint } {
  return { no_limit_pages: (2n ** 63n - 1n) / BigInt(pageSizeBytes) };
}

/** By the numbers of `enum limit_source`; 0 is no limit at all. */
const sources = [undefined, "kernel", "derived", "derived_partially"] as const;
export type MemoryLimitSource = Exclude<(typeof sources)[number], undefined>;

/** How the memory cgroup was found whose limit a record names; undefined where it names none. */
export function memoryLimitSource(source: number): MemoryLimitSource | undefined {
  return sources[source];
}
