// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CPUs on which no task gets on: our own early warning, and the kernel's verdict. */
#include "tick.h"
#include "records.h"
#include "limit.h"
#include "cgroup.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES  32
#define MESSAGE_BYTES 128
/* Without a tick for so long, the machine stood still, or interrupts were off. */
#define PAUSE_NS      1000000000ULL

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

static __noinline int warn(void *ctx, struct cpu_progress *state)
{
	struct event_counters *count = own_counters();

	if (!state || !count)
		return 0;
	state->is_reported = 1;
	count_report(count, KIND_WARNING);
	describe_stuck(ctx, &state->stuck);
	state->stuck.elapsed = state->tick_ns - state->progress_ns;
	submit(count, &state->stuck, KIND_WARNING);
	return 0;
}

static __noinline int recover(struct cpu_progress *state, __u64 elapsed_ns)
{
	struct event_counters *count = own_counters();

	if (!state || !count)
		return 0;
	state->is_reported = 0;
	count_report(count, KIND_RECOVERY);
	state->stuck.elapsed = elapsed_ns;
	submit(count, &state->stuck, KIND_RECOVERY);
	state->stuck.verdicts = 0;
	return 0;
}

/* A tick that found the same task where it was, in the kernel. */
static __always_inline void note_standstill(void *ctx, struct cpu_progress *state, struct rq *queue)
{
	__u64 now_ns = queue->clock, steal_ns = steal_of(queue);
	__u64 absent_ns = steal_ns - state->steal_ns;

	if (now_ns - state->tick_ns > PAUSE_NS)
		absent_ns = now_ns - state->tick_ns;
	state->progress_ns += absent_ns;
	state->tick_ns = now_ns;
	state->steal_ns = steal_ns;
	/* Alone, it may stay for as long as it likes. */
	if (queue->nr_running < 2)
		state->waiting_ns = 0;
	else if (!state->waiting_ns)
		state->waiting_ns = now_ns;
	/* Whoever came this moment may be let in the next one. */
	if (now_ns - state->progress_ns >= warning_ns && state->waiting_ns &&
	    now_ns - state->waiting_ns >= warning_ns / 4 && !state->is_reported)
		warn(ctx, state);
}

/* timer:hrtimer_expire_exit: after the tick has brought the clock and the times of the task up to now. */
SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(hrtimer_expire_exit, struct hrtimer *timer)
{
	struct task_struct *task;
	struct cpu_progress *state;
	struct rq *queue;

	if (!is_tick(timer))
		return 0;
	task = bpf_get_current_task_btf();
	queue = current_run_queue();
	state = own_progress();
	if (!queue || !state)
		return 0;
	if (state->switches == queue->nr_switches && state->user_time == task->utime && task->pid) {
		note_standstill(ctx, state, queue);
		return 0;
	}
	if (state->is_reported)
		recover(state, queue->clock - state->progress_ns);
	state->switches = queue->nr_switches;
	state->user_time = task->utime;
	state->progress_ns = queue->clock;
	state->tick_ns = queue->clock;
	state->steal_ns = steal_of(queue);
	state->waiting_ns = 0;
	return 0;
}

static __always_inline bool is_verdict(const char *text)
{
	static const char verdict[] = "watchdog: BUG: soft lockup";
	char begin[sizeof(verdict) - 1];

	if (bpf_probe_read_kernel(begin, sizeof(begin), text))
		return false;
	return is_named(begin, verdict, sizeof(begin));
}

/*
 * printk:console, kernel/printk/printk.c: every line the kernel says, at once since 5.16. Soft lockups are
 * said by kernel/watchdog.c in an interrupt of the CPU that is stuck.
 */
SEC("tp_btf/console")
int BPF_PROG(console, const char *text, unsigned long length)
{
	struct event_counters *count = own_counters();
	struct cpu_progress *state = own_progress();
	__u32 verdicts;

	if (!count || !state || !is_verdict(text))
		return 0;
	count_report(count, KIND_VERDICT);
	verdicts = state->stuck.verdicts;
	if (state->is_reported && verdicts) {
		state->stuck.verdicts = verdicts + 1;
		count->suppressed++;
		return 0;
	}
	describe_stuck(ctx, &state->stuck);
	state->stuck.verdicts = 1;
	/* Without a clock of our own there is no end to wait for, and each verdict stands for itself. */
	state->is_reported = state->progress_ns != 0;
	if (state->progress_ns)
		state->stuck.elapsed = state->tick_ns - state->progress_ns;
	/* It has no end of its own. */
	bpf_probe_read_kernel(state->stuck.message, length < MESSAGE_BYTES ? length : MESSAGE_BYTES - 1,
			      text);
	submit(count, &state->stuck, KIND_VERDICT);
	return 0;
}

/* Returns 1 where the run queue cannot be found. */
SEC("syscall")
int find_queue(void *ctx)
{
	return !bpf_core_field_exists(((struct task_struct *)0)->se.cfs_rq);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
