/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The brake of memory.high: on its way back to user space a task that is above it frees memory, and sleeps
 * for up to two seconds if that does not help (mem_cgroup_handle_over_high, mm/memcontrol.c; later than 6.12
 * behind two underscores). Up to 6.12 every task with something to do before it returns calls that function,
 * so it is the sleep that is hooked, in a function that hardly anything else calls.
 */
#ifndef KERNTEL_MEMRECLAIM_BRAKE_H
#define KERNTEL_MEMRECLAIM_BRAKE_H

#include "stalls.h"
#include "reclaim-cause.h"

/* Frames from the program to the caller of the function that it is attached to. */
#define BRAKE_FRAMES 8

/* `caller`: an address inside the function that is about to sleep. */
static __always_inline bool is_brake(__u64 caller)
{
	const struct cause_functions *known = known_functions();

	return known && cause_of_caller(known, caller) == ABOVE_HIGH;
}

/* By the stack and not by the return address, which a kretprobe of the same function has replaced by then;
 * the kernel's unwinder knows what it was. */
static __always_inline bool is_at_brake(void *ctx)
{
	__u64 stack[BRAKE_FRAMES] = {};

	bpf_get_stack(ctx, stack, sizeof(stack), 0);
	for (int frame = 0; frame < BRAKE_FRAMES; frame++)
		if (is_brake(stack[frame]))
			return true;
	return false;
}

static __always_inline int begin_sleep(bool is_brake)
{
	struct task_stalls *own = is_brake ? make_stalls() : find_stall(bpf_get_current_task_btf(), AT_BRAKE);

	if (!own)
		return 0;
	/* Of more than some ten tasks at once a kretprobe misses the end; a later sleep elsewhere must not
	 * take it. */
	if (own->at[AT_BRAKE].start_ns)
		count_unmeasured();
	own->at[AT_BRAKE].start_ns = 0;
	return is_brake ? begin_at(own, AT_BRAKE, 0, 0) : 0;
}

#endif
