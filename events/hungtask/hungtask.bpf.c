// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tasks that wait too long and cannot be interrupted: found by the kernel, and by a scan of our own before
 * it. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "cgroup.h"
#include "blocked.h"
#include "holder.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32
/* Places where tasks hang at the same time, times their cgroups; when it is full nothing is folded. */
#define FOLDS	     256

enum detector { DETECTED_BY_SCAN, DETECTED_BY_KERNEL, DETECTORS };

struct hungtask_record {
	nanoseconds time;
	nanoseconds blocked; /* at least */
	nanoseconds start_time;
	cgroup_id cgroup_id;
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

/* How long a task may be blocked before the scan takes it for hung. */
SETTING __u64 threshold_ns = 0;
/* Tasks that hang where another did are told together, so often; 0: each by itself. */
SETTING __u64 fold_ns = 0;

/* Tasks found, by detector. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DETECTORS);
	__type(key, __u32);
	__type(value, __u64);
} found SEC(".maps");

struct fold_key {
	__u64 stack_hash;
	__u64 cgroup_id;
	__u64 detector;
};

/* The last task that hung there, and how many since one was told. */
struct fold {
	__u64 told_ns;
	__u32 pending;
	__u32 is_busy;
	struct hungtask_record last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FOLDS);
	__type(key, struct fold_key);
	__type(value, struct fold);
} folds SEC(".maps");

/* Where records are made: each detector has one task that does so, and neither runs twice at once. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DETECTORS);
	__type(key, __u32);
	__type(value, struct fold);
} drafts SEC(".maps");

static __always_inline bool submit(struct hungtask_record *record, struct event_counters *count)
{
	if (!bpf_ringbuf_output(&records, record, sizeof(*record), 0))
		return true;
	count->ring_lost++;
	return false;
}

/* FNV-1a over words instead of bytes: two stacks are one place, or they are not. */
static __always_inline __u64 hash_stack(const struct hungtask_record *record)
{
	__u64 hash = 0xcbf29ce484222325;

	for (int frame = 0; frame < STACK_FRAMES; frame++)
		hash = (hash ^ record->stack[frame]) * 0x100000001b3;
	/* Without a stack nobody knows whether it is the same place. */
	return record->stack[0] ? hash : hash ^ record->tid;
}

static __always_inline void describe_task(struct hungtask_record *record, struct task_struct *task)
{
	struct cgroup *cgroup = task_cgroup(task);

	record->time = bpf_ktime_get_boot_ns();
	record->start_time = BPF_CORE_READ(task, group_leader, start_boottime);
	record->count = 1;
	record->pid = BPF_CORE_READ(task, tgid);
	record->tid = BPF_CORE_READ(task, pid);
	record->cpu = last_cpu(task);
	BPF_CORE_READ_STR_INTO(&record->comm, task, comm);
	record->cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->cgroup);
	bpf_get_task_stack(task, record->stack, sizeof(record->stack), 0);
}

static __always_inline void describe_holder(struct hungtask_record *record, struct task_struct *task)
{
	struct task_struct *holder;

	record->lock = find_lock(task, &holder);
	if (!holder)
		return;
	record->holder_pid = BPF_CORE_READ(holder, tgid);
	record->holder_tid = BPF_CORE_READ(holder, pid);
	BPF_CORE_READ_STR_INTO(&record->holder_comm, holder, comm);
	read_cgroup_path(task_cgroup(holder), record->holder_cgroup);
}

/* Where another task hangs already, this one is counted there and told later, in one record for all. */
static __always_inline void add_to_fold(struct fold *fold, struct hungtask_record *record)
{
	/* While it is being told, only the number grows. */
	if (!__sync_lock_test_and_set(&fold->is_busy, 1)) {
		bpf_probe_read_kernel(&fold->last, sizeof(fold->last), record);
		__sync_lock_test_and_set(&fold->is_busy, 0);
	}
	__sync_fetch_and_add(&fold->pending, 1);
}

static __always_inline void describe(struct hungtask_record *record, struct task_struct *task)
{
	clear_record(record, sizeof(*record));
	describe_task(record, task);
	describe_holder(record, task);
}

static __always_inline void tell_or_fold(struct fold *draft, struct event_counters *count)
{
	struct fold_key key = {
		.stack_hash = hash_stack(&draft->last),
		.cgroup_id = draft->last.cgroup_id,
		.detector = draft->last.detector,
	};
	struct fold *fold = bpf_map_lookup_elem(&folds, &key);

	if (fold) {
		add_to_fold(fold, &draft->last);
	} else if (submit(&draft->last, count)) {
		draft->told_ns = draft->last.time;
		bpf_map_update_elem(&folds, &key, draft, BPF_NOEXIST);
	}
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
	if (fold_ns)
		tell_or_fold(draft, count);
	else
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
	if (blocked_ns < threshold_ns || !is_first_report(task, 1 << DETECTED_BY_SCAN))
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

struct telling {
	__u64 now_ns;
	struct event_counters *count;
	__u32 open;
};

static __always_inline void tell(struct fold *fold, struct telling *telling)
{
	__u32 pending = __sync_lock_test_and_set(&fold->pending, 0);

	fold->last.count = pending;
	fold->last.is_repeat = 1;
	fold->told_ns = telling->now_ns;
	telling->count->suppressed += pending - 1;
	submit(&fold->last, telling->count);
}

static long visit_fold(void *map, struct fold_key *key, struct fold *fold, struct telling *telling)
{
	if (telling->now_ns - fold->told_ns < fold_ns) {
		telling->open++;
		return 0;
	}
	if (!fold->pending) {
		bpf_map_delete_elem(map, key);
		return 0;
	}
	telling->open++;
	if (!take_token(telling->now_ns) || __sync_lock_test_and_set(&fold->is_busy, 1))
		return 0;
	tell(fold, telling);
	__sync_lock_test_and_set(&fold->is_busy, 0);
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
