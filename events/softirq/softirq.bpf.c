// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* How long softirqs wait and run: every one counted, by vector; the long ones described. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "histogram.h"
#include "clocks.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32
#define VECTORS	     10 /* NR_SOFTIRQS, include/linux/interrupt.h */

enum { STAGE_WAIT, STAGE_RUN };

struct softirq_record {
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

/*
 * Reading the clock costs more than all the rest. So of a vector that is raised again in the same tick, one
 * in 32 is timed by the clock and stands for those before it in the histogram; the others are timed by the
 * count of ticks, which is one load, and by the clock only if they turn out to be long. Needs thresholds of
 * two ticks or more.
 */
/* Marks a time in ticks (jiffies). No clock gets there in 292 years. */
#define IN_TICKS (1ULL << 63)

/* One lookup finds all that a hook needs; what an entry writes, and what an exit writes, is one cache line
 * mostly. */
struct vector_state {
	/* When the first raise was that is not served yet, and when the handler began; 0: none. */
	__u64 raised;
	__u64 entered;
	/* The last raise that was timed by the clock (CLOCK_MONOTONIC). */
	__u64 timed_ns;
	__u64 timed_tick;
	__u64 burst; /* raises in that tick */
	__u32 skipped_waits;
	__u32 skipped_runs;
	struct duration_histogram wait;
	struct duration_histogram run __attribute__((aligned(64)));
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VECTORS);
	__type(key, __u32);
	__type(value, struct vector_state);
} vectors SEC(".maps");

SETTING __u64 wait_threshold_ns = 10000000;
SETTING __u64 run_threshold_ns = 10000000;
/* 31: one in 32 of a burst is timed by the clock; 0: every one. */
SETTING __u64 burst_mask = 0;

/* Of its own, because it happens rarely and would make the programs long. */
static __noinline int report(void *ctx, __u32 vector, __u32 stage, __u64 elapsed_ns)
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
	record->vector = vector;
	record->stage = stage;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* Whether what began at `since` cannot be long: no whole tick has passed. */
static __always_inline bool is_short(__u64 since, __u64 now_tick)
{
	return now_tick - (since & ~IN_TICKS) < 2;
}

/*
 * irq:softirq_raise, kernel/softirq.c, with interrupts off. A vector that is pending already keeps the time
 * of its first raise. One that is raised while its handler runs waits anew, because the handler may have
 * looked before.
 */
SEC("tp_btf/softirq_raise")
int BPF_PROG(softirq_raise, __u32 vector)
{
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);
	__u64 tick;

	if (!state || state->raised)
		return 0;
	tick = bpf_jiffies64();
	if (tick == state->timed_tick && ++state->burst & burst_mask) {
		state->raised = tick | IN_TICKS;
		return 0;
	}
	state->timed_tick = tick;
	state->timed_ns = bpf_ktime_get_ns();
	state->raised = state->timed_ns;
	return 0;
}

/* irq:softirq_entry: also in ksoftirqd, and where a task lets softirqs in again. */
SEC("tp_btf/softirq_entry")
int BPF_PROG(softirq_entry, __u32 vector)
{
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);
	__u64 raised, wait_ns;

	if (!state)
		return 0;
	raised = state->raised;
	state->raised = 0;
	if (raised & IN_TICKS) {
		__u64 tick = bpf_jiffies64();

		if (is_short(raised, tick)) {
			state->entered = tick | IN_TICKS;
			state->skipped_waits++;
			return 0;
		}
		/* At most a tick too long: it was raised in the tick of that time, and later. */
		raised = state->timed_ns;
	}
	state->entered = bpf_ktime_get_ns();
	/* Raised before we were attached. */
	if (!raised)
		return 0;
	wait_ns = state->entered - raised;
	count_durations(&state->wait, wait_ns, 1 + state->skipped_waits);
	state->skipped_waits = 0;
	if (wait_ns >= wait_threshold_ns)
		report(ctx, vector, STAGE_WAIT, wait_ns);
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(softirq_exit, __u32 vector)
{
	struct vector_state *state = bpf_map_lookup_elem(&vectors, &vector);
	__u64 entered, run_ns;

	if (!state)
		return 0;
	entered = state->entered;
	state->entered = 0;
	if (entered & IN_TICKS) {
		if (is_short(entered, bpf_jiffies64())) {
			state->skipped_runs++;
			return 0;
		}
		entered = state->timed_ns;
	}
	if (!entered)
		return 0;
	run_ns = bpf_ktime_get_ns() - entered;
	count_durations(&state->run, run_ns, 1 + state->skipped_runs);
	state->skipped_runs = 0;
	if (run_ns >= run_threshold_ns)
		report(ctx, vector, STAGE_RUN, run_ns);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
