/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Where a packet was dropped: the first function on the stack that does more than free what it is given. */
#ifndef KERNTEL_DROPWATCH_PLACE_H
#define KERNTEL_DROPWATCH_PLACE_H

#include "kernel.h"
#include "event.h"
#include "settings.h"

/* Functions that only free packets, and parts of them. */
#define FREEING_FUNCTIONS 8
/* Four frames lead from the program to the function that called the tracepoint. */
#define PLACE_FRAMES	  10

struct freeing_function {
	kernel_address start;
	kernel_address end;
};

struct freeing_functions {
	struct freeing_function functions[FREEING_FUNCTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct freeing_functions);
} freeing SEC(".maps");

/* The text from the first of them to the end of the last; a drop elsewhere costs this one comparison. */
SETTING __u64 freeing_start = 0;
SETTING __u64 freeing_bytes = 0;

static __always_inline bool is_freeing(const struct freeing_functions *freeing, __u64 address)
{
	for (int index = 0; index < FREEING_FUNCTIONS; index++) {
		const struct freeing_function *function = &freeing->functions[index];

		/* Return addresses: behind a last call it is the end of the function. */
		if (address > function->start && address <= function->end)
			return true;
	}
	return false;
}

/* A function of its own, because only few drops need it. Where the stack does not show the caller, the
 * address stays. */
static __noinline __u64 find_caller(void *ctx, __u64 location)
{
	__u64 frames[PLACE_FRAMES] = {};
	struct freeing_functions *all;
	bool is_below = false;
	__u32 zero = 0;

	all = bpf_map_lookup_elem(&freeing, &zero);
	if (!all || !is_freeing(all, location))
		return location;
	bpf_get_stack(ctx, frames, sizeof(frames), 0);
	for (int index = 0; index < PLACE_FRAMES; index++) {
		if (frames[index] == location)
			is_below = true;
		else if (is_below && frames[index] && !is_freeing(all, frames[index]))
			return frames[index];
	}
	return location;
}

/* `location`: as the tracepoint has it, the caller of the function that frees. */
static __always_inline __u64 find_place(void *ctx, __u64 location)
{
	if (location - freeing_start > freeing_bytes)
		return location;
	return find_caller(ctx, location);
}

#endif
