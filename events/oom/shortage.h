/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The shortage that victims die of. One call of out_of_memory may kill many: those with memory.oom.group die
 * together. */
#ifndef KERNTEL_OOM_SHORTAGE_H
#define KERNTEL_OOM_SHORTAGE_H

#include "kernel.h"
#include "memory-limit.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CONSTRAINT_UNKNOWN -1

struct shortage {
	__u64 trigger; /* pid and tid of the task inside out_of_memory; 0: none */
	struct oom_control *control;
	/* As it was before anything died: the last of many victims would find room below the limit. */
	struct memory_limit limit;
};

/* There is one at a time: every caller of out_of_memory holds oom_lock (mm/oom_kill.c). */
struct shortage shortage = {};

static __always_inline int begin_shortage(struct oom_control *control)
{
	struct mem_cgroup *memory = BPF_CORE_READ(control, memcg);
	struct memory_limit limit = {};

	if (memory)
		take_limit(&limit, memory, hard_limit(memory));
	shortage.control = control;
	shortage.limit = limit;
	shortage.trigger = bpf_get_current_pid_tgid();
	return 0;
}

static __always_inline int end_shortage(void)
{
	if (shortage.trigger == bpf_get_current_pid_tgid())
		shortage.trigger = 0;
	return 0;
}

/* NULL where out_of_memory is not hooked. */
static __always_inline struct shortage *own_shortage(void)
{
	return shortage.trigger && shortage.trigger == bpf_get_current_pid_tgid() ? &shortage : NULL;
}

/* A task that is dying already gets reserves before the kernel looks for a constraint. */
static __always_inline __s32 constraint_of(const struct shortage *known)
{
	struct oom_control *control = known->control;

	if (known->limit.memory)
		return CONSTRAINT_MEMCG;
	return BPF_CORE_READ(control, totalpages) ? BPF_CORE_READ(control, constraint) : CONSTRAINT_UNKNOWN;
}

#endif
