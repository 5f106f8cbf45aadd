/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The end of a wait: counted, and described if it was long. */
#ifndef KERNTEL_MEMRECLAIM_ENDED_STALL_H
#define KERNTEL_MEMRECLAIM_ENDED_STALL_H

#include "kernel.h"
#include "records.h"
#include "tenant-limit.h"
#include "cgroup.h"
#include "stalls.h"
#include "durations.h"
#include "memory-limit.h"
#include "written-cgroup.h"

#define STACK_FRAMES 32

struct memreclaim_record {
	record_kind record_kind;
	nanoseconds time; /* of the end */
	nanoseconds duration;
	nanoseconds start_time;
	cgroup_id cgroup_id;
	page_count reclaimed;
	/* At its limit, or reclaimed because its file was written; 0 where there is none. */
	cgroup_id limit_cgroup_id;
	page_count limit_pages;
	page_count usage_pages;
	kernel_address stack[STACK_FRAMES];
	__u32 pid;
	__u32 tid;
	__u32 cpu;
	__u32 gfp;
	__s32 order;
	__s32 result;	   /* of a compaction: enum compact_result */
	__u8 kind;	   /* enum kind */
	__u8 limit_source; /* enum limit_source */
	__u8 _pad[6];
	char comm[16];
	cgroup_path cgroup;
	cgroup_path limit_cgroup;
};
EVENT(memreclaim_record);

/* From which length on a wait is described. */
SETTING __u64 threshold_ns = 0;

struct ended {
	__u64 now_ns; /* by the clock of the wait's beginning */
	__u64 duration_ns;
	struct stall stall;
	enum kind kind;
	__u64 outcome;		      /* pages, or the result of a compaction */
	struct mem_cgroup *reclaimed; /* of a reclaim of a cgroup; NULL: the kernel did not say */
};

static __always_inline enum kind kind_at(enum place place, __u64 cause)
{
	switch (place) {
	case AT_DIRECT:
		return DIRECT;
	case AT_COMPACTION:
		return COMPACTION;
	case AT_BRAKE:
		return MEMORY_HIGH;
	default:
		break;
	}
	if (cause == MAX_WRITE)
		return MEMORY_MAX_WRITE;
	if (cause == HIGH_WRITE)
		return MEMORY_HIGH_WRITE;
	return cause == RECLAIM_WRITE ? MEMORY_RECLAIM : MEMCG;
}

/* A task wrote to a file of the cgroup, and frees its memory on its behalf. */
static __always_inline bool is_by_writer(enum kind kind)
{
	return kind == MEMORY_MAX_WRITE || kind == MEMORY_HIGH_WRITE || kind == MEMORY_RECLAIM;
}

static __always_inline void describe_task(struct memreclaim_record *record, struct task_struct *task)
{
	struct cgroup *cgroup = task_cgroup(task);

	record->start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	record->pid = BPF_CORE_READ(task, tgid);
	record->tid = BPF_CORE_READ(task, pid);
	record->cpu = bpf_get_smp_processor_id();
	BPF_CORE_READ_STR_INTO(&record->comm, task, comm);
	record->cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->cgroup);
}

/* A task at a cgroup's limit is at memory.max or above memory.high; the kernel does not say which. */
static __always_inline __u64 limit_of_kind(enum kind kind, struct mem_cgroup *memory)
{
	if (kind == MEMCG)
		return lower_limit(memory);
	return kind == MEMORY_HIGH_WRITE ? soft_limit(memory) : hard_limit(memory);
}

static __always_inline void describe_limit(struct memreclaim_record *record, struct task_struct *task,
					   const struct ended *ended)
{
	struct memory_limit limit = {};
	struct cgroup *cgroup;

	if (ended->reclaimed)
		take_limit(&limit, ended->reclaimed, limit_of_kind(ended->kind, ended->reclaimed));
	else if (ended->kind == MEMORY_HIGH)
		find_tightest(&limit, task_memory_cgroup(task), SHARE_OF_SOFT_LIMIT);
	else if (ended->kind == MEMCG)
		find_tightest(&limit, task_memory_cgroup(task), ROOM);
	if (!limit.memory)
		return;
	cgroup = memory_cgroup(limit.memory);
	record->limit_source = limit.source;
	record->limit_cgroup_id = read_cgroup_id(cgroup);
	record->limit_pages = limit.limit_pages;
	record->usage_pages = limit.usage_pages;
	read_cgroup_path(cgroup, record->limit_cgroup);
}

static __always_inline void describe(void *ctx, struct task_struct *task, struct ended *ended)
{
	struct event_counters *count = own_counters();
	struct memreclaim_record *record;
	struct tenant_place place = {};

	if (!count)
		return;
	count->seen++;
	place_in_cgroup(&place, stalled_cgroup(task));
	if (!take_token_at(&place, ended->now_ns)) {
		count->suppressed++;
		return;
	}
	record = RESERVE_RECORD(memreclaim_record, count);
	if (!record)
		return;
	record->time = bpf_ktime_get_boot_ns();
	record->duration = ended->duration_ns;
	record->kind = ended->kind;
	record->gfp = ended->stall.gfp;
	record->order = ended->stall.order;
	if (ended->kind == COMPACTION)
		record->result = ended->outcome;
	else
		record->reclaimed = ended->outcome;
	describe_task(record, task);
	describe_limit(record, task, ended);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void count_end(struct task_struct *task, const struct ended *ended)
{
	struct cgroup *cgroup = stalled_cgroup(task);
	__u64 id = cgroup->kn->id;

	if (is_by_writer(ended->kind)) {
		/* Whose memory it was may be unknown; the writer is not to blame. */
		cgroup = ended->reclaimed ? memory_cgroup(ended->reclaimed) : hierarchy_root(cgroup);
		id = read_cgroup_id(cgroup);
	}
	count_stall(cgroup, id, ended->kind, ended->duration_ns);
}

static __always_inline int end(void *ctx, enum place place, __u64 outcome)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_stalls *own = find_stall(task, place);
	struct ended ended = {.outcome = outcome};

	if (!own)
		return 0;
	ended.stall = own->at[place];
	own->at[place].start_ns = 0;
	ended.kind = kind_at(place, own->cause);
	if (place == AT_MEMCG) {
		ended.reclaimed = (void *)own->reclaimed;
		own->reclaimed = 0;
		if (!ended.reclaimed && is_by_writer(ended.kind))
			ended.reclaimed = cgroup_memory(written_cgroup(task));
	}
	ended.now_ns = bpf_ktime_get_ns();
	ended.duration_ns = ended.now_ns - ended.stall.start_ns;
	count_end(task, &ended);
	if (ended.duration_ns >= threshold_ns)
		describe(ctx, task, &ended);
	return 0;
}

#endif
