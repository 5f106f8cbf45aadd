/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The timer tick of a CPU, among all high resolution timers, and the run queue it was on. */
#ifndef KERNTEL_TICK_H
#define KERNTEL_TICK_H

#include "kernel-run-queue.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/hrtimer_types.h */
struct hrtimer {
	void *function;
};

/* kernel/time/tick-sched.h; ktime_t is nanoseconds */
struct tick_sched {
	struct hrtimer sched_timer;
	__s64 idle_exittime;
};

#pragma clang attribute pop

#define SYMBOL_BYTES 32

/* Found at the first tick. Not from /proc/kallsyms, which is long and may be closed to us. */
__u64 tick_function = 0;

static const char symbol_format[] = "%ps";

static __always_inline bool is_named(const char *symbol, const char *name, __u32 length)
{
	for (__u32 at = 0; at < length; at++)
		if (symbol[at] != name[at])
			return false;
	return true;
}

/*
 * kernel/time/tick-sched.c: renamed in 6.8, when the old name of a function of another kind had become free.
 * Not static: the compiler would put them into a section that the object's BTF knows nothing of, and the
 * kernel refuses such BTF.
 */
const char tick_since_6_8[] = "tick_nohz_handler";
const char tick_before_6_8[] = "tick_sched_timer";

static __noinline int learn_tick(__u64 function)
{
	char symbol[SYMBOL_BYTES] = {};

	bpf_snprintf(symbol, sizeof(symbol), symbol_format, &function, sizeof(function));
	if (!is_named(symbol, tick_since_6_8, sizeof(tick_since_6_8)) &&
	    !is_named(symbol, tick_before_6_8, sizeof(tick_before_6_8)))
		return 0;
	tick_function = function;
	return 1;
}

/* `timer` is the argument of a tp_btf program: its fields are read by plain loads. */
static __always_inline bool is_tick(struct hrtimer *timer)
{
	__u64 function = (__u64)timer->function;

	if (function == tick_function)
		return true;
	return !tick_function && learn_tick(function);
}

/*
 * The run queue of this CPU, by way of the current task, because data of the kernel has no address that
 * programs may know everywhere. NULL without CONFIG_FAIR_GROUP_SCHED.
 */
static __always_inline struct rq *current_run_queue(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!bpf_core_field_exists(task->se.cfs_rq))
		return NULL;
	return task->se.cfs_rq->rq;
}

/* Time that the hypervisor ran something else, up to the last tick, in nanoseconds; 0 where nobody keeps it.
 */
static __always_inline __u64 steal_of(struct rq *queue)
{
	return bpf_core_field_exists(queue->prev_steal_time) ? queue->prev_steal_time : 0;
}

#endif
