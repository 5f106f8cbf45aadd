/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a task is waiting for since when. */
#ifndef KERNTEL_MEMRECLAIM_STALLS_H
#define KERNTEL_MEMRECLAIM_STALLS_H

#include "kernel.h"
#include "event.h"
#include "reclaim-cause.h"
#include "written-cgroup.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* User space has the same numbers. */
enum kind {
	DIRECT,
	MEMCG,
	COMPACTION,
	MEMORY_HIGH,
	MEMORY_MAX_WRITE,
	MEMORY_HIGH_WRITE,
	MEMORY_RECLAIM,
	KINDS
};

/* Where a task can be held up; a wait at one may come within a wait at another. */
enum place { AT_DIRECT, AT_MEMCG, AT_COMPACTION, AT_BRAKE, PLACES };

struct stall {
	__u64 start_ns; /* by the clock that stops while the machine is suspended; 0: none */
	__u32 gfp;
	__s32 order;
};

struct task_stalls {
	struct stall at[PLACES];
	/* Of a wait at AT_MEMCG. */
	__u64 reclaimed; /* the struct mem_cgroup whose memory is reclaimed; 0 where that cannot be hooked */
	__u64 cause;	 /* enum reclaim_cause */
};

/* Goes with its task. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_stalls);
} stalls SEC(".maps");

/* Waits whose beginning found no memory to be kept in, or whose end was not seen. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} unmeasured SEC(".maps");

static __always_inline void count_unmeasured(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&unmeasured, &zero);

	if (count)
		(*count)++;
}

static __always_inline struct task_stalls *make_stalls(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_stalls *own = bpf_task_storage_get(&stalls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!own)
		count_unmeasured();
	return own;
}

static __always_inline int begin_at(struct task_stalls *own, enum place place, int order, __u32 gfp)
{
	own->at[place].gfp = gfp;
	own->at[place].order = order;
	own->at[place].start_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int begin(enum place place, int order, __u32 gfp)
{
	struct task_stalls *own = make_stalls();

	return own ? begin_at(own, place, order, gfp) : 0;
}

/* try_to_free_mem_cgroup_pages is called; begin_memcg follows. */
static __always_inline int note_reclaimed(struct mem_cgroup *memory)
{
	struct task_stalls *own = make_stalls();

	if (own)
		own->reclaimed = (__u64)memory;
	return 0;
}

/* include/linux/sched.h: workers of io_uring, which write for others, and of work queues */
#define PF_IO_WORKER 0x10
#define PF_WQ_WORKER 0x20

/* Nearly every wait is one for a page, and to walk the stack costs ten times the rest. */
static __always_inline bool may_have_cause(struct task_struct *task)
{
	return task->flags & (PF_IO_WORKER | PF_WQ_WORKER) || written_cgroup(task);
}

static __always_inline int begin_memcg(void *ctx, int order, __u32 gfp)
{
	struct task_stalls *own = make_stalls();

	if (!own)
		return 0;
	own->cause = may_have_cause(bpf_get_current_task_btf()) ? find_reclaim_cause(ctx) : CHARGE;
	/* What a worker frees in the background holds up nobody. */
	if (own->cause == HIGH_WORK) {
		own->reclaimed = 0;
		return 0;
	}
	return begin_at(own, AT_MEMCG, order, gfp);
}

/* Only this says for what the pages are; begin_compaction follows for each zone, or for none. */
static __always_inline int prepare_compaction(int order, __u32 gfp)
{
	struct task_stalls *own = make_stalls();

	if (!own)
		return 0;
	own->at[AT_COMPACTION].gfp = gfp;
	own->at[AT_COMPACTION].order = order;
	return 0;
}

static __always_inline int begin_compaction(void)
{
	struct task_stalls *own = bpf_task_storage_get(&stalls, bpf_get_current_task_btf(), 0, 0);

	/* Nobody compacts for a single page: without an order this task did not want any. */
	if (own && own->at[AT_COMPACTION].order)
		own->at[AT_COMPACTION].start_ns = bpf_ktime_get_ns();
	return 0;
}

/* NULL for a wait that began before this program was attached. Its taker sets start_ns to 0. */
static __always_inline struct task_stalls *find_stall(struct task_struct *task, enum place place)
{
	struct task_stalls *own = bpf_task_storage_get(&stalls, task, 0, 0);

	return own && own->at[place].start_ns ? own : NULL;
}

#endif
