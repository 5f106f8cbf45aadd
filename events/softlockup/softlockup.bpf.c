// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CPUs on which no task gets on: our own early warning, and the kernel's verdict. */
#include "tick.h"
#include "lockup.h"
#include "verdict.h"
#include <bpf/bpf_tracing.h>

/* Without a tick for so long, the machine stood still, or interrupts were off. */
#define PAUSE_NS 1000000000ULL

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

/* Returns 1 where the run queue cannot be found. */
SEC("syscall")
int find_queue(void *ctx)
{
	return !bpf_core_field_exists(((struct task_struct *)0)->se.cfs_rq);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
