/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The brake of memory.high: on its way back to user space a task that is above it frees memory, and sleeps
 * for up to two seconds if that does not help (mem_cgroup_handle_over_high, mm/memcontrol.c; later than 6.12
 * behind two underscores).
 */
#ifndef KERNTEL_MEMRECLAIM_BRAKE_H
#define KERNTEL_MEMRECLAIM_BRAKE_H

#include "stalls.h"
#include <bpf/bpf_core_read.h>

static __always_inline int begin_brake(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_stalls *own;

	/* Up to 6.12 every task with something to do before it returns passes here. */
	if (!bpf_core_field_exists(task->memcg_nr_pages_over_high) || !task->memcg_nr_pages_over_high)
		return 0;
	own = make_stalls();
	if (!own)
		return 0;
	/* Of more than ten tasks at once a kretprobe misses some (max_active_kprobes in
	 * kernel/trace/trace_kprobe.c). */
	if (own->at[AT_BRAKE].start_ns)
		count_unmeasured();
	return begin_at(own, AT_BRAKE, 0, 0);
}

#endif
