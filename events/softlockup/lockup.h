/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is known of a CPU that may be stuck, and how it is told. */
#ifndef KERNTEL_SOFTLOCKUP_LOCKUP_H
#define KERNTEL_SOFTLOCKUP_LOCKUP_H

/* What a tick needs of its CPU, beside the tick before. */
struct slot_state {
	/* What changes when tasks get on: context switches, and time in user space of what runs. */
	unsigned long long switches;
	unsigned long long user_time;
	/* When a task last got on, by the clock of the run queue; moved on by the time that the CPU was
	 * absent. */
	unsigned long long progress_ns;
	unsigned long long waiting_ns; /* since when another task wants the CPU; 0: none does */
	/* Of the absence since then: in which the machine stood still, and in which this CPU alone had no
	 * tick. */
	unsigned long long pause_ns;
	unsigned long long tickless_ns;
	/* A pause that ended at this tick, with which a task got on: no part of a lockup, except for the
	 * kernel. */
	unsigned long long ended_pause_ns;
	unsigned long long pause_end_ns;
	/* How long the lockup was when the CPU was taken off, for the recovery; 0: it was not. */
	unsigned long long ended_ns;
	unsigned int is_reported;
	unsigned int is_said; /* by a line of the console; add_taint for the same verdict comes behind it */
};

#include "standstill.h"
#include "records.h"
#include "tenant-limit.h"
#include "cgroup.h"

#define STACK_FRAMES  32
#define MESSAGE_BYTES 128

enum { KIND_WARNING, KIND_VERDICT, KIND_RECOVERY, KINDS };

struct softlockup_record {
	record_kind record_kind;
	nanoseconds time;
	nanoseconds elapsed; /* since the CPU last got on, without pauses and steal time */
	nanoseconds pause;   /* in which the machine stood still meanwhile */
	nanoseconds threshold;
	cgroup_id cgroup_id;
	kernel_address stack[STACK_FRAMES];
	__u32 cpu;
	__u32 pid;
	__u32 tid;
	__u32 verdicts; /* of the kernel, so far */
	__u8 kind;
	__u8 is_measured; /* `elapsed` and `pause` are known */
	__u8 _pad[6];
	char comm[16];
	char message[MESSAGE_BYTES]; /* the kernel's own words */
	cgroup_path cgroup;
};
EVENT(softlockup_record);

/* With the tenant whose task it was stuck in: a recovery is the same one's. */
struct last_report {
	struct softlockup_record record;
	__u64 tenant;
};

/* As last reported. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_report);
} last_reports SEC(".maps");

/* By kind; verdicts that only repeat are in it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} reports SEC(".maps");

SETTING __u64 warning_ns = 2000000000;

/* Its record comes first. */
static __always_inline struct softlockup_record *own_report(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&last_reports, &zero);
}

/* The one measure of all records: what the CPU ran, and was without a tick by its own doing. */
static __always_inline void measure(struct softlockup_record *stuck, const struct cpu_slot *slot,
				    __u64 now_ns)
{
	const struct slot_state *state = &slot->state;

	stuck->is_measured = state->progress_ns != 0;
	if (!stuck->is_measured)
		return;
	stuck->elapsed = now_ns - state->progress_ns + state->tickless_ns;
	stuck->pause = state->pause_ns;
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
	struct cgroup *cgroup = typed_task_cgroup(bpf_get_current_task_btf());
	__u64 ids = bpf_get_current_pid_tgid();

	BEGIN_RECORD(softlockup_record, stuck);
	stuck->cpu = bpf_get_smp_processor_id();
	stuck->pid = ids >> 32;
	stuck->tid = ids;
	stuck->threshold = warning_ns;
	bpf_get_current_comm(stuck->comm, sizeof(stuck->comm));
	stuck->cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, stuck->cgroup);
	((struct last_report *)stuck)->tenant = tenant_of_cgroup(cgroup, bpf_ktime_get_boot_ns());
	bpf_get_stack(ctx, stuck->stack, sizeof(stuck->stack), 0);
}

static __always_inline void submit(struct event_counters *count, struct softlockup_record *stuck, __u8 kind)
{
	__u64 now_ns = bpf_ktime_get_boot_ns();

	if (!take_token_of(((struct last_report *)stuck)->tenant, now_ns)) {
		count->suppressed++;
		return;
	}
	stuck->time = now_ns;
	stuck->kind = kind;
	if (bpf_ringbuf_output(&records, stuck, sizeof(*stuck), 0))
		count->ring_lost++;
}

#endif
