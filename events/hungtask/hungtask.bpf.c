// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tasks that wait too long and cannot be interrupted: found by the kernel, and by a scan of our own before
 * it. */
#include "kernel.h"
#include "records.h"
#include "task.h"
#include "tenant-limit.h"
#include "blocked.h"
#include "holder.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

enum detector { DETECTED_BY_SCAN, DETECTED_BY_KERNEL, DETECTORS };

struct hungtask_record {
	record_kind record_kind;
	nanoseconds time;
	nanoseconds blocked; /* at least */
	nanoseconds start_time;
	cgroup_id cgroup_id;
	cgroup_id holder_cgroup_id;
	kernel_address stack[STACK_FRAMES];
	__u32 count; /* of tasks that this record stands for */
	__u32 pid;
	__u32 tid;
	__u32 cpu; /* where it ran last */
	__u32 holder_pid;
	__u32 holder_tid;
	__u8 detector;
	__u8 lock; /* enum lock */
	__u8 is_repeat;
	__u8 _pad[5];
	char comm[16];
	char holder_comm[16];
	cgroup_path cgroup;
	cgroup_path holder_cgroup;
};
EVENT(hungtask_record);

#include "folds.h"

/* How long a task may be blocked before the scan takes it for hung. */
SETTING __u64 threshold_ns = 0;
/* Tasks found, by detector. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DETECTORS);
	__type(key, __u32);
	__type(value, __u64);
} found SEC(".maps");

/* Where records are made: each detector has one task that does so, and neither runs twice at once. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DETECTORS);
	__type(key, __u32);
	__type(value, struct fold);
} drafts SEC(".maps");

/* Tasks that a scan found blocked for too long, told before or not; user space sets it to 0 before each. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} blocked_now SEC(".maps");

static __always_inline void count_blocked(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&blocked_now, &zero);

	if (count)
		(*count)++;
}

static __always_inline void describe_task(struct hungtask_record *record, struct task_struct *task)
{
	record->time = bpf_ktime_get_boot_ns();
	record->start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	record->count = 1;
	record->cpu = last_cpu(task);
	READ_TASK(record, task);
	bpf_get_task_stack(task, record->stack, sizeof(record->stack), 0);
}

static __always_inline void describe_holder(struct hungtask_record *record, struct task_struct *task)
{
	struct task_struct *holder;
	struct cgroup *cgroup;

	record->lock = find_lock(task, &holder);
	if (!holder)
		return;
	record->holder_pid = BPF_CORE_READ(holder, tgid);
	record->holder_tid = BPF_CORE_READ(holder, pid);
	BPF_CORE_READ_STR_INTO(&record->holder_comm, holder, comm);
	cgroup = task_cgroup(holder);
	record->holder_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->holder_cgroup);
}

static __always_inline void describe(struct hungtask_record *record, struct task_struct *task)
{
	BEGIN_RECORD(hungtask_record, record);
	describe_task(record, task);
	describe_holder(record, task);
}

static __always_inline void report(struct task_struct *task, __u32 detector, __u64 blocked_ns,
				   struct event_counters *count)
{
	struct fold *draft = bpf_map_lookup_elem(&drafts, &detector);
	__u64 *total = bpf_map_lookup_elem(&found, &detector);

	if (!draft || !total)
		return;
	(*total)++;
	describe(&draft->last, task);
	draft->last.blocked = blocked_ns;
	draft->last.detector = detector;
	if (fold_ns) {
		draft->tenant = tenant_of_cgroup(typed_task_cgroup(task), draft->last.time);
		tell_or_fold(draft, count);
		return;
	}
	submit(&draft->last, count);
}

/* Our own detector: every thread that this process can see, each time the iterator is read. */
SEC("iter/task")
int scan(struct bpf_iter__task *ctx)
{
	struct event_counters *count = own_counters();
	struct task_struct *task = ctx->task;
	__u64 blocked_ns;

	if (!task || !count || !threshold_ns || !is_blocked(task))
		return 0;
	blocked_ns = blocked_since(task);
	if (blocked_ns < threshold_ns)
		return 0;
	count_blocked();
	if (!is_first_report(task, 1 << DETECTED_BY_SCAN))
		return 0;
	count->seen++;
	report(task, DETECTED_BY_SCAN, blocked_ns, count);
	return 0;
}

/* sched:sched_process_hang, kernel/hung_task.c: the kernel's verdict, again at each of its checks. */
SEC("tp_btf/sched_process_hang")
int BPF_PROG(sched_process_hang, struct task_struct *task)
{
	struct event_counters *count = own_counters();

	if (!count)
		return 0;
	count->seen++;
	if (is_first_report(task, 1 << DETECTED_BY_KERNEL))
		report(task, DETECTED_BY_KERNEL, blocked_since(task), count);
	else
		count->filtered++;
	return 0;
}

/* Tells what was folded for long enough; returns how many places are still watched. */
SEC("raw_tp")
int tell_folded(void *ctx)
{
	struct telling telling = {.now_ns = bpf_ktime_get_boot_ns(), .count = own_counters()};

	if (!telling.count)
		return 0;
	bpf_for_each_map_elem(&folds, visit_fold, &telling, 0);
	return telling.open;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
