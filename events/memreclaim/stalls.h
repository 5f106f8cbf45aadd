/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a task is waiting for since when. */
#ifndef KERNTEL_MEMRECLAIM_STALLS_H
#define KERNTEL_MEMRECLAIM_STALLS_H

#include "kernel.h"
#include "event.h"
#include <bpf/bpf_helpers.h>

enum kind { DIRECT, MEMCG, COMPACTION, KINDS };

struct stall {
	__u64 start_ns; /* by the clock that stops while the machine is suspended; 0: none */
	__u32 gfp;
	__s32 order;
};

/* By kind, because a wait of one may come within a wait of another. */
struct task_stalls {
	struct stall of[KINDS];
};

/* Goes with its task. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_stalls);
} stalls SEC(".maps");

/* Waits whose beginning could not be kept, because there was no memory even for that. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} unmeasured SEC(".maps");

static __always_inline struct task_stalls *make_stalls(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_stalls *own = bpf_task_storage_get(&stalls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u32 zero = 0;
	__u64 *count;

	if (own)
		return own;
	count = bpf_map_lookup_elem(&unmeasured, &zero);
	if (count)
		(*count)++;
	return NULL;
}

static __always_inline int begin(enum kind kind, int order, __u32 gfp)
{
	struct task_stalls *own = make_stalls();

	if (!own)
		return 0;
	own->of[kind].gfp = gfp;
	own->of[kind].order = order;
	own->of[kind].start_ns = bpf_ktime_get_ns();
	return 0;
}

/* Only this tells for what the pages are; begin_compaction follows for each zone, or for none. */
static __always_inline int prepare_compaction(int order, __u32 gfp)
{
	struct task_stalls *own = make_stalls();

	if (!own)
		return 0;
	own->of[COMPACTION].gfp = gfp;
	own->of[COMPACTION].order = order;
	return 0;
}

static __always_inline int begin_compaction(void)
{
	struct task_stalls *own = bpf_task_storage_get(&stalls, bpf_get_current_task_btf(), 0, 0);

	/* Nobody compacts for a single page: without an order this task did not ask for any. */
	if (own && own->of[COMPACTION].order)
		own->of[COMPACTION].start_ns = bpf_ktime_get_ns();
	return 0;
}

/* False for a wait that began before this program was attached. */
static __always_inline bool take_stall(struct task_struct *task, enum kind kind, struct stall *stall)
{
	struct task_stalls *own = bpf_task_storage_get(&stalls, task, 0, 0);

	if (!own || !own->of[kind].start_ns)
		return false;
	*stall = own->of[kind];
	own->of[kind].start_ns = 0;
	return true;
}

#endif
