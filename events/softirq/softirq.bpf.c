// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How long softirqs wait and run: every one counted, by vector; the long ones described. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "clocks.h"
#include "vector-slot.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

enum { STAGE_WAIT, STAGE_RUN };

struct softirq_record {
	record_kind record_kind;
	nanoseconds time;
	nanoseconds elapsed;
	nanoseconds threshold;
	kernel_address stack[STACK_FRAMES];
	__u32 cpu;
	__u32 pid;
	__u32 tid;
	__u8 vector;
	__u8 stage;
	__u8 _pad[2];
	char comm[16];
};
EVENT(softirq_record);

SETTING __u64 wait_threshold_ns = 10000000;
SETTING __u64 run_threshold_ns = 10000000;
/* 255: one in 256 of a burst is timed by the clock; 0: every one. */
SETTING __u32 burst_skips = 0;

/* Of its own, because it happens rarely and would make the programs long. */
static __noinline int describe(const __u64 *ctx, __u32 stage, __u64 elapsed_ns)
{
	struct event_counters *count = own_counters();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct softirq_record *record;
	__u64 ids;

	if (!count)
		return 0;
	count->seen++;
	if (!take_token(now_ns)) {
		count->suppressed++;
		return 0;
	}
	record = RESERVE_RECORD(softirq_record, count);
	if (!record)
		return 0;
	ids = bpf_get_current_pid_tgid();
	record->time = now_ns;
	record->elapsed = elapsed_ns;
	record->threshold = stage == STAGE_WAIT ? wait_threshold_ns : run_threshold_ns;
	record->cpu = bpf_get_smp_processor_id();
	record->pid = ids >> 32;
	record->tid = ids;
	record->vector = ctx[0];
	record->stage = stage;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	bpf_get_stack((void *)ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __always_inline int report(const __u64 *ctx, __u32 stage, __u64 elapsed_ns)
{
	return elapsed_ns ? describe(ctx, stage, elapsed_ns) : 0;
}

/*
 * The slow halves are functions of their own, and the quick ones read the ticks first and their argument
 * twice: each register that has to outlive a call costs two instructions.
 */
static __noinline int raise_by_clock(const __u64 *ctx, struct vector_slot *slot, __u64 tick)
{
	__u32 vector = ctx[0];
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);

	if (!state || !slot)
		return 0;
	/* Raised anew while its handler runs, which has no other time than the one that is replaced here. */
	if (slot->entered < 0 && state->running != slot->entered) {
		state->running = slot->entered;
		state->running_ns = state->timed_ns;
	}
	state->timed_ns = bpf_ktime_get_ns();
	slot->raised = state->timed_ns;
	slot->timed_tick = burst_skips ? tick : 0;
	return 0;
}

/*
 * irq:softirq_raise, kernel/softirq.c, with interrupts off. A vector that is pending already keeps the time
 * of its first raise. One that is raised while its handler runs waits anew, because the handler may have
 * looked before.
 */
SEC("tp_btf/softirq_raise")
int softirq_raise(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	__u32 index = own_index(ctx);
	struct vector_slot *slot;

	if (index >= SLOTS)
		return 0;
	slot = slot_at(index);
	if (slot->raised)
		return 0;
	if (tick != slot->timed_tick)
		return raise_by_clock(ctx, slot, tick);
	slot->raised = -tick;
	return 0;
}

/* How long it waited where that is to be told, 0 otherwise: whoever is in the stack of a record costs it. */
static __noinline __u64 enter_by_clock(const __u64 *ctx, struct vector_slot *slot, moment raised)
{
	__u32 vector = ctx[0];
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 wait_ns;

	if (!state || !slot)
		return 0;
	slot->entered = now_ns;
	state->run_weight = 1 + (__u32)(slot->armed - slot->left);
	slot->left = slot->armed = burst_skips;
	/* Raised before we were attached. */
	if (!raised) {
		state->owed_waits += state->run_weight - 1;
		return 0;
	}
	/* Raised in the tick of that time, and later: at most a tick too long. */
	wait_ns = now_ns - (raised < 0 ? state->timed_ns : raised);
	count_durations(&state->wait, wait_ns, state->run_weight + state->owed_waits);
	state->owed_waits = 0;
	return wait_ns >= wait_threshold_ns ? wait_ns : 0;
}

/* irq:softirq_entry: also in ksoftirqd, and where a task lets softirqs in again. */
SEC("tp_btf/softirq_entry")
int softirq_entry(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	__u32 index = own_index(ctx);
	struct vector_slot *slot;
	moment raised;

	if (index >= SLOTS)
		return 0;
	slot = slot_at(index);
	raised = slot->raised;
	slot->raised = 0;
	if (raised >= 0 || !is_short(raised, tick))
		return report(ctx, STAGE_WAIT, enter_by_clock(ctx, slot, raised));
	slot->entered = -tick;
	return 0;
}

/* As enter_by_clock. */
static __noinline __u64 exit_by_clock(const __u64 *ctx, moment entered)
{
	__u32 vector = ctx[0];
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);
	__u64 run_ns;

	if (!state || !entered)
		return 0;
	if (entered < 0) {
		entered = entered == state->running ? state->running_ns : state->timed_ns;
		state->run_weight = 1;
		state->owed_waits++;
	}
	run_ns = bpf_ktime_get_ns() - entered;
	count_durations(&state->run, run_ns, state->run_weight);
	return run_ns >= run_threshold_ns ? run_ns : 0;
}

SEC("tp_btf/softirq_exit")
int softirq_exit(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	__u32 index = own_index(ctx);
	struct vector_slot *slot;
	moment entered;

	if (index >= SLOTS)
		return 0;
	slot = slot_at(index);
	entered = slot->entered;
	if (entered >= 0 || !is_short(entered, tick))
		return report(ctx, STAGE_RUN, exit_by_clock(ctx, entered));
	/* Enough: the next one is timed. */
	if (--slot->left == 0)
		slot->timed_tick = 0;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
