/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which memory cgroup a task is short in: of its own and those above, the one that is nearest its limit. */
#ifndef KERNTEL_MEMRECLAIM_TIGHTEST_H
#define KERNTEL_MEMRECLAIM_TIGHTEST_H

#include "kernel.h"
#include "cgroup.h"

/* As deep as container managers go. */
#define MEMORY_LEVELS 8

/* A memory cgroup without a limit reads LONG_MAX / PAGE_SIZE; from this on it is no limit. */
const volatile __u64 no_limit_pages = ~0ULL;

struct tightest {
	struct mem_cgroup *memory; /* NULL where none has a limit */
	__u64 limit_pages;
	__u64 usage_pages;
};

/* memory.max, or memory.high where that is lower; the tracepoint does not say which of them it was. */
static __always_inline __u64 limit_of(struct mem_cgroup *memory)
{
	__u64 limit = BPF_CORE_READ(memory, memory.max);
	__u64 high = limit;

	if (bpf_core_field_exists(memory->memory.high))
		high = BPF_CORE_READ(memory, memory.high);
	return high < limit ? high : limit;
}

static __always_inline void find_tightest(struct mem_cgroup *memory, struct tightest *found)
{
	__s64 least = 0;

	for (int level = 0; level < MEMORY_LEVELS && memory; level++) {
		__u64 limit = limit_of(memory);
		__u64 usage = BPF_CORE_READ(memory, memory.usage.counter);
		__s64 room = limit - usage;

		if (limit < no_limit_pages && (!found->memory || room < least)) {
			found->memory = memory;
			found->limit_pages = limit;
			found->usage_pages = usage;
			least = room;
		}
		memory = (void *)BPF_CORE_READ(memory, css.parent);
	}
}

#endif
