// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tasks that wait because they must free memory themselves: counted by length, the long ones described. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "cgroup.h"
#include "stalls.h"
#include "durations.h"
#include "tightest.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

struct memreclaim_record {
	nanoseconds time; /* of the end */
	nanoseconds duration;
	nanoseconds start_time;
	cgroup_id cgroup_id;
	page_count reclaimed;
	/* Of a wait at a cgroup's limit; 0 where no limit was found. */
	cgroup_id limit_cgroup_id;
	page_count limit_pages;
	page_count usage_pages;
	kernel_address stack[STACK_FRAMES];
	__u32 pid;
	__u32 tid;
	__u32 cpu;
	__u32 gfp;
	__s32 order;
	__s32 result; /* of a compaction: enum compact_result */
	__u8 kind;    /* enum kind */
	__u8 _pad[7];
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
	__u64 outcome;
};

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

static __always_inline void describe_limit(struct memreclaim_record *record, struct task_struct *task)
{
	struct tightest tightest = {};
	struct cgroup *cgroup;

	find_tightest(task_memory_cgroup(task), &tightest);
	if (!tightest.memory)
		return;
	cgroup = memory_cgroup(tightest.memory);
	record->limit_cgroup_id = read_cgroup_id(cgroup);
	record->limit_pages = tightest.limit_pages;
	record->usage_pages = tightest.usage_pages;
	read_cgroup_path(cgroup, record->limit_cgroup);
}

static __always_inline void describe(void *ctx, struct task_struct *task, struct ended *ended)
{
	struct event_counters *count = own_counters();
	struct memreclaim_record *record;

	if (!count)
		return;
	count->seen++;
	if (!take_token(ended->now_ns)) {
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
	if (ended->kind == MEMCG)
		describe_limit(record, task);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
}

/* `outcome`: pages, or the result of a compaction. */
static __always_inline int end(void *ctx, enum kind kind, __u64 outcome)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ended ended = {.kind = kind, .outcome = outcome};

	if (!take_stall(task, kind, &ended.stall))
		return 0;
	ended.now_ns = bpf_ktime_get_ns();
	ended.duration_ns = ended.now_ns - ended.stall.start_ns;
	count_stall(task, kind, ended.duration_ns);
	if (ended.duration_ns >= threshold_ns)
		describe(ctx, task, &ended);
	return 0;
}

/* vmscan, mm/vmscan.c: the machine is short, and the task that asked for pages frees some before it gets
 * them. */
SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(direct_begin, int order, __u32 gfp)
{
	return begin(DIRECT, order, gfp);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(direct_end, unsigned long reclaimed)
{
	return end(ctx, DIRECT, reclaimed);
}

/* The same because a memory cgroup is at its limit. */
SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(memcg_begin, int order, __u32 gfp)
{
	return begin(MEMCG, order, gfp);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(memcg_end, unsigned long reclaimed)
{
	return end(ctx, MEMCG, reclaimed);
}

/* compaction, mm/compaction.c: a task that asked for pages in a row is about to move others' until there are
 * some. The kernel's own thread, which does so in the background, does not pass here. */
SEC("tp_btf/mm_compaction_try_to_compact_pages")
int BPF_PROG(compaction_try, int order, __u32 gfp)
{
	return prepare_compaction(order, gfp);
}

/* One zone of memory after the other. */
SEC("tp_btf/mm_compaction_begin")
int BPF_PROG(compaction_begin)
{
	return begin_compaction();
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(compaction_end, void *control, unsigned long start, unsigned long end_pfn, bool sync, int result)
{
	return end(ctx, COMPACTION, result);
}

/* Before 5.17. */
SEC("tp_btf/mm_compaction_end")
int BPF_PROG(compaction_end_without_control, unsigned long start, unsigned long migrate, unsigned long free,
	     unsigned long end_pfn, bool sync, int result)
{
	return end(ctx, COMPACTION, result);
}

/* cgroup:cgroup_rmdir, kernel/cgroup/cgroup.c */
SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup)
{
	return note_removal(cgroup);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
