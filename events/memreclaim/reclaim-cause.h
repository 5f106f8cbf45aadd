/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Why the memory of a cgroup is reclaimed: the tracepoint does not say, the function that wants it does. */
#ifndef KERNTEL_MEMRECLAIM_RECLAIM_CAUSE_H
#define KERNTEL_MEMRECLAIM_RECLAIM_CAUSE_H

#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* User space has the same numbers. */
enum reclaim_cause {
	CHARGE,	      /* a task wants a page, and a limit is met */
	ABOVE_HIGH,   /* a task is above memory.high */
	HIGH_WORK,    /* the same, in the background */
	MAX_WRITE,    /* a new memory.max is below the usage; on version 1 memory.limit_in_bytes */
	HIGH_WRITE,   /* a new memory.high is */
	RECLAIM_WRITE /* memory.reclaim; on version 1 memory.force_empty */
};

/* Frames from the tracepoint's program to try_to_free_mem_cgroup_pages, and behind that the one that called
 * it: on some kernels by way of another function. */
#define CAUSE_FRAMES	12
#define CALLERS_DEEP	2
#define CAUSE_FUNCTIONS 32

/* Kernel text, in whole; a function may have several parts. */
struct cause_function {
	__u64 start;
	__u64 end; /* 0: not used */
	__u64 cause;
};

struct cause_functions {
	struct cause_function reclaim; /* try_to_free_mem_cgroup_pages */
	struct cause_function callers[CAUSE_FUNCTIONS];
};

/* User space fills it before anything is attached; without symbols it stays empty, and every cause is a
 * charge. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cause_functions);
} cause_functions SEC(".maps");

static __always_inline bool is_in(const struct cause_function *function, __u64 address)
{
	return address >= function->start && address < function->end;
}

static __always_inline enum reclaim_cause cause_of_caller(const struct cause_functions *known, __u64 address)
{
	for (int index = 0; index < CAUSE_FUNCTIONS; index++) {
		const struct cause_function *caller = &known->callers[index];

		if (!caller->end)
			break;
		if (is_in(caller, address))
			return caller->cause;
	}
	return CHARGE;
}

static __always_inline const struct cause_functions *known_functions(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cause_functions, &zero);
}

static __always_inline enum reclaim_cause find_reclaim_cause(void *ctx)
{
	const struct cause_functions *known = known_functions();
	__u64 stack[CAUSE_FRAMES] = {};
	int left = -1;

	if (!known || !known->reclaim.end)
		return CHARGE;
	bpf_get_stack(ctx, stack, sizeof(stack), 0);
	for (int frame = 0; frame < CAUSE_FRAMES && left; frame++) {
		enum reclaim_cause cause;

		if (left < 0) {
			if (is_in(&known->reclaim, stack[frame]))
				left = CALLERS_DEEP;
			continue;
		}
		cause = cause_of_caller(known, stack[frame]);
		if (cause != CHARGE)
			return cause;
		left--;
	}
	return CHARGE;
}

#endif
