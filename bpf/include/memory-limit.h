/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which memory cgroup's limit a task met: what the kernel says, or the one of its own and those above that is
 * nearest its limit. */
#ifndef KERNTEL_MEMORY_LIMIT_H
#define KERNTEL_MEMORY_LIMIT_H

#include "kernel.h"
#include "cgroup.h"

/* A pod's container inside a container is ten levels deep; what is deeper than this is said to be. */
#define MEMORY_LEVELS 64

/* Fine enough for a page of 4 GiB. */
#define SHARE_BITS 20

/* A memory cgroup without a limit reads LONG_MAX / PAGE_SIZE; from this on it is no limit. */
const volatile __u64 no_limit_pages = ~0ULL;

/* How `memory` was found. User space has the same numbers. */
enum limit_source {
	NO_LIMIT,
	FROM_KERNEL,	  /* the kernel said which cgroup it is */
	DERIVED,	  /* of all levels, the one that is nearest its limit */
	DERIVED_PARTIALLY /* the same, and there were more levels than MEMORY_LEVELS */
};

struct memory_limit {
	struct mem_cgroup *memory; /* NULL where none has a limit */
	__u64 limit_pages;
	__u64 usage_pages;
	enum limit_source source;
};

static __always_inline __u64 hard_limit(struct mem_cgroup *memory)
{
	return BPF_CORE_READ(memory, memory.max);
}

/* memory.high; on version 1 it is no limit. */
static __always_inline __u64 soft_limit(struct mem_cgroup *memory)
{
	return bpf_core_field_exists(memory->memory.high) ? BPF_CORE_READ(memory, memory.high) : ~0ULL;
}

static __always_inline __u64 lower_limit(struct mem_cgroup *memory)
{
	__u64 hard = hard_limit(memory), soft = soft_limit(memory);

	return soft < hard ? soft : hard;
}

static __always_inline __u64 memory_usage(struct mem_cgroup *memory)
{
	return BPF_CORE_READ(memory, memory.usage.counter);
}

/* By what cgroups are compared. */
enum measure {
	/* memory.max by the share that is used: for a task that got no page at all. */
	SHARE_OF_HARD_LIMIT,
	/* memory.high by the same, as the kernel does it (mem_find_max_overage, mm/memcontrol.c). */
	SHARE_OF_SOFT_LIMIT,
	/* The lower of both by the pages that are left: for a task that has just made room for a few. */
	ROOM,
};

static __always_inline __u64 limit_for(enum measure measure, struct mem_cgroup *memory)
{
	if (measure == ROOM)
		return lower_limit(memory);
	return measure == SHARE_OF_SOFT_LIMIT ? soft_limit(memory) : hard_limit(memory);
}

/* More is tighter. */
static __always_inline __u64 tightness(enum measure measure, __u64 limit_pages, __u64 usage_pages)
{
	if (measure == ROOM)
		return (1ULL << 63) - (limit_pages - usage_pages);
	return limit_pages ? (usage_pages << SHARE_BITS) / limit_pages : ~0ULL;
}

/*
 * The tightest of `memory` and those above it. Of two that are as tight it is the lower one, which the kernel
 * charges first (page_counter_try_charge, mm/page_counter.c).
 */
static __always_inline void find_tightest(struct memory_limit *found, struct mem_cgroup *memory,
					  enum measure measure)
{
	__u64 most = 0;

	for (int level = 0; level < MEMORY_LEVELS && memory; level++) {
		__u64 limit = limit_for(measure, memory);
		__u64 usage = memory_usage(memory);
		__u64 tight = tightness(measure, limit, usage);

		if (limit < no_limit_pages && (!found->memory || tight > most)) {
			found->memory = memory;
			found->limit_pages = limit;
			found->usage_pages = usage;
			most = tight;
		}
		memory = (void *)BPF_CORE_READ(memory, css.parent);
	}
	if (found->memory)
		found->source = memory ? DERIVED_PARTIALLY : DERIVED;
}

/* The limit of a memory cgroup that the kernel named. */
static __always_inline void take_limit(struct memory_limit *found, struct mem_cgroup *memory,
				       __u64 limit_pages)
{
	found->memory = memory;
	found->limit_pages = limit_pages;
	found->usage_pages = memory_usage(memory);
	found->source = FROM_KERNEL;
}

#endif
