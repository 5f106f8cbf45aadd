/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is known of a CPU that may be stuck, and how it is told. */
#ifndef KERNTEL_SOFTLOCKUP_LOCKUP_H
#define KERNTEL_SOFTLOCKUP_LOCKUP_H

#include "records.h"
#include "limit.h"
#include "cgroup.h"

#define STACK_FRAMES  32
#define MESSAGE_BYTES 128

enum { KIND_WARNING, KIND_VERDICT, KIND_RECOVERY, KINDS };

struct softlockup_record {
	nanoseconds time;
	nanoseconds elapsed; /* since the CPU last got on; 0 where that is not known */
	nanoseconds threshold;
	cgroup_id cgroup_id;
	kernel_address stack[STACK_FRAMES];
	__u32 cpu;
	__u32 pid;
	__u32 tid;
	__u32 verdicts; /* of the kernel, so far */
	__u8 kind;
	__u8 _pad[7];
	char comm[16];
	char message[MESSAGE_BYTES]; /* the kernel's own words */
	cgroup_path cgroup;
};
EVENT(softlockup_record);

struct cpu_progress {
	/* What changes when tasks get on: context switches, and time in user space of whoever runs. */
	__u64 switches;
	__u64 user_time;
	__u64 progress_ns; /* by the clock of the run queue, as the others */
	__u64 tick_ns;
	__u64 steal_ns;
	__u64 waiting_ns; /* since when there is somebody else who wants the CPU; 0: nobody */
	__u32 is_reported;
	__u32 is_said; /* by a line of the console; add_taint for the same verdict comes behind it */
	struct softlockup_record stuck; /* as last reported */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cpu_progress);
} progress SEC(".maps");

/* By kind; verdicts that only repeat are in it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} reports SEC(".maps");

SETTING __u64 warning_ns = 2000000000;

static __always_inline struct cpu_progress *own_progress(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&progress, &zero);
}

static __always_inline void count_report(struct event_counters *count, __u32 kind)
{
	__u64 *reported = bpf_map_lookup_elem(&reports, &kind);

	count->seen++;
	if (reported)
		(*reported)++;
}

/* In an interrupt of the CPU that is stuck, so the current task and its stack are what it is stuck in. */
static __always_inline void describe_stuck(void *ctx, struct softlockup_record *stuck)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct cgroup *cgroup = task_cgroup(task);
	__u64 ids = bpf_get_current_pid_tgid();

	clear_record(stuck, sizeof(*stuck));
	stuck->cpu = bpf_get_smp_processor_id();
	stuck->pid = ids >> 32;
	stuck->tid = ids;
	stuck->threshold = warning_ns;
	bpf_get_current_comm(stuck->comm, sizeof(stuck->comm));
	stuck->cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, stuck->cgroup);
	bpf_get_stack(ctx, stuck->stack, sizeof(stuck->stack), 0);
}

static __always_inline void submit(struct event_counters *count, struct softlockup_record *stuck, __u8 kind)
{
	__u64 now_ns = bpf_ktime_get_boot_ns();

	if (!take_token(now_ns)) {
		count->suppressed++;
		return;
	}
	stuck->time = now_ns;
	stuck->kind = kind;
	if (bpf_ringbuf_output(&records, stuck, sizeof(*stuck), 0))
		count->ring_lost++;
}

#endif
