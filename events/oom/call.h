/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The call of out_of_memory that a victim dies of, and whose limit was met by it. One call may kill many:
 * those with memory.oom.group die together. */
#ifndef KERNTEL_OOM_CALL_H
#define KERNTEL_OOM_CALL_H

#include "kernel.h"
#include "memory-limit.h"
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CONSTRAINT_UNKNOWN -1

struct oom_call {
	__u64 trigger; /* pid and tid of the task inside out_of_memory; 0: none */
	struct oom_control *control;
	/* As it was before anything died: the last of many victims would find room below the limit. */
	struct memory_limit limit;
};

/* There is one at a time: every caller of out_of_memory holds oom_lock (mm/oom_kill.c). */
struct oom_call call = {};

static __always_inline int begin_call(struct oom_control *control)
{
	struct mem_cgroup *memory = BPF_CORE_READ(control, memcg);
	struct memory_limit limit = {};

	if (memory)
		take_limit(&limit, memory, hard_limit(memory));
	call.control = control;
	call.limit = limit;
	call.trigger = bpf_get_current_pid_tgid();
	return 0;
}

static __always_inline int end_call(void)
{
	if (call.trigger == bpf_get_current_pid_tgid())
		call.trigger = 0;
	return 0;
}

/* NULL where out_of_memory is not hooked. */
static __always_inline struct oom_call *own_call(void)
{
	return call.trigger && call.trigger == bpf_get_current_pid_tgid() ? &call : NULL;
}

/* A task that is dying already gets reserves before the kernel looks for a constraint. */
static __always_inline __s32 constraint_of(const struct oom_call *known)
{
	struct oom_control *control = known->control;

	if (known->limit.memory)
		return CONSTRAINT_MEMCG;
	return BPF_CORE_READ(control, totalpages) ? BPF_CORE_READ(control, constraint) : CONSTRAINT_UNKNOWN;
}

#endif
