// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CPUs on which no task gets on: our own early warning, and the kernel's verdict. */
#include "lockup.h"
#include "verdict.h"
#include <bpf/bpf_tracing.h>

static __noinline int warn(void *ctx, struct cpu_slot *slot)
{
	struct event_counters *count = own_counters();
	struct softlockup_record *stuck = own_report();

	if (!slot || !count || !stuck)
		return 0;
	slot->state.is_reported = 1;
	count_report(count, KIND_WARNING);
	describe_stuck(ctx, stuck);
	measure(stuck, slot, slot->tick_ns);
	submit(count, stuck, KIND_WARNING);
	return 0;
}

/* The lockup was over before a silence, or ended in it. */
static __always_inline void leave_out_pause(struct slot_state *state, __u64 gap_ns, __u64 now_ns)
{
	if (gap_ns < PAUSE_NS)
		return;
	state->pause_ns += pause_within(gap_ns, now_ns);
	state->progress_ns += gap_ns;
}

static __noinline int recover(struct cpu_slot *slot, __u64 now_ns)
{
	struct event_counters *count = own_counters();
	struct softlockup_record *stuck = own_report();

	if (!slot || !count || !stuck)
		return 0;
	slot->state.is_reported = 0;
	count_report(count, KIND_RECOVERY);
	if (slot->state.ended_ns) {
		stuck->elapsed = slot->state.ended_ns;
	} else {
		leave_out_pause(&slot->state, now_ns - slot->tick_ns, now_ns);
		measure(stuck, slot, now_ns);
	}
	slot->state.ended_ns = 0;
	submit(count, stuck, KIND_RECOVERY);
	stuck->verdicts = 0;
	return 0;
}

/* The lockup of a CPU that is taken off is over; how long it was is said once it is back. */
static __always_inline void forget_cpu(__u64 cpu)
{
	struct cpu_slot *slot = &slots[cpu];
	struct slot_state *before = &slot->state;
	struct slot_state after = {.is_reported = before->is_reported};

	if (before->is_reported)
		after.ended_ns = slot->tick_ns - before->progress_ns + before->tickless_ns;
	*slot = (struct cpu_slot){.state = after};
}

/* After a second without a tick. What the machine did not stand still for was the doing of this CPU. */
static __noinline int count_absence(struct cpu_slot *slot, __u64 now_ns, __u64 gap_ns, __u64 steal_ns)
{
	__u64 pause_ns;

	if (!slot)
		return 0;
	pause_ns = pause_within(gap_ns, now_ns);
	slot->state.pause_ns += pause_ns;
	if (gap_ns > pause_ns + steal_ns)
		slot->state.tickless_ns += gap_ns - pause_ns - steal_ns;
	return 0;
}

/* A tick that found the same task where it was, in the kernel. */
static __always_inline void note_standstill(void *ctx, struct cpu_slot *slot, struct rq *queue)
{
	struct slot_state *state = &slot->state;
	__u64 now_ns = queue->clock, steal_ns = steal_of(queue);
	__u64 absent_ns = steal_ns - slot->steal_ns;
	__u64 gap_ns = now_ns - slot->tick_ns;

	if (gap_ns >= SILENCE_NS)
		note_silence(slot, now_ns);
	if (gap_ns >= PAUSE_NS) {
		count_absence(slot, now_ns, gap_ns, absent_ns);
		absent_ns = gap_ns;
	}
	state->progress_ns += absent_ns;
	slot->tick_ns = now_ns;
	slot->steal_ns = steal_ns;
	/* Alone, it may stay for as long as it likes. */
	if (queue->nr_running < 2)
		state->waiting_ns = 0;
	else if (!state->waiting_ns)
		state->waiting_ns = now_ns;
	/* Whoever came this moment may be let in the next one. */
	if (now_ns - state->progress_ns >= warning_ns && state->waiting_ns &&
	    now_ns - state->waiting_ns >= warning_ns / 4 && !state->is_reported)
		warn(ctx, slot);
}

/*
 * The first tick after a silence found that a task gets on. If the machine stood still, the kernel's watchdog
 * may take that for a lockup now, in the same interrupt.
 */
static __noinline int end_silence(struct cpu_slot *slot, struct hrtimer *timer, __u64 now_ns)
{
	__u64 gap_ns;

	/* The first tick that we see has none before it. */
	if (!slot || !slot->tick_ns)
		return 0;
	gap_ns = now_ns - slot->tick_ns;
	note_silence(slot, now_ns);
	/* The idle task waits for no one. */
	if (bpf_get_current_pid_tgid()) {
		slot->state.ended_pause_ns = pause_within(without_idle(timer, gap_ns), now_ns);
		slot->state.pause_end_ns = now_ns;
	}
	return 0;
}

/* timer:hrtimer_expire_exit: after the tick has brought the clock and the times of the task up to now. */
SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(hrtimer_expire_exit, struct hrtimer *timer)
{
	struct task_struct *task;
	struct slot_state *state;
	struct cpu_slot *slot;
	struct rq *queue;
	__u64 now_ns;

	if (!is_tick(timer))
		return 0;
	task = bpf_get_current_task_btf();
	queue = current_run_queue();
	slot = own_slot();
	if (!queue || !slot)
		return 0;
	state = &slot->state;
	if (state->switches == queue->nr_switches && state->user_time == task->utime && task->pid) {
		note_standstill(ctx, slot, queue);
		return 0;
	}
	now_ns = queue->clock;
	if (state->is_reported)
		recover(slot, now_ns);
	state->switches = queue->nr_switches;
	state->user_time = task->utime;
	state->progress_ns = now_ns;
	state->waiting_ns = 0;
	state->pause_ns = 0;
	state->tickless_ns = 0;
	if (now_ns - slot->tick_ns >= SILENCE_NS)
		end_silence(slot, timer, now_ns);
	slot->tick_ns = now_ns;
	slot->steal_ns = steal_of(queue);
	return 0;
}

/* Returns 1 where the run queue cannot be found. */
SEC("syscall")
int find_queue(void *ctx)
{
	return !bpf_core_field_exists(((struct task_struct *)0)->se.cfs_rq);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
