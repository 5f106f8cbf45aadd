// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keeps one CPU for a while: with softirqs held up, or with interrupts off. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

/* bpf_loop() takes at most this many turns. */
#define TURNS	     (1 << 23)
#define READS_A_TURN 64

const volatile __u64 stall_ns = 0;
/* The process in whose context the CPU is to be kept. */
const volatile __u32 stalled_pid = 0;

__u32 is_armed = 1;
__u32 is_done = 0;

static int pass_time(__u32 turn, __u64 *end_ns)
{
	for (int read = 0; read < READS_A_TURN; read++)
		if (bpf_ktime_get_ns() >= *end_ns)
			return 1;
	return 0;
}

static void stall(void)
{
	__u64 end_ns = bpf_ktime_get_ns() + stall_ns;

	bpf_loop(TURNS, pass_time, &end_ns, 0);
	is_done = 1;
}

struct pending {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pending);
} timers SEC(".maps");

/* Softirqs may be run by ksoftirqd, too: then once more. */
static int on_timer(void *map, __u32 *key, struct pending *pending)
{
	if (bpf_get_current_pid_tgid() >> 32 == stalled_pid)
		stall();
	else
		bpf_timer_start(&pending->timer, 1000000, 0);
	return 0;
}

/* The callback of a timer runs as softirq HRTIMER, on the CPU that started it. */
SEC("syscall")
int stall_softirqs(void *ctx)
{
	__u32 zero = 0;
	struct pending *pending = bpf_map_lookup_elem(&timers, &zero);

	if (!pending || bpf_timer_init(&pending->timer, &timers, 1 /* CLOCK_MONOTONIC */))
		return 1;
	bpf_timer_set_callback(&pending->timer, on_timer);
	return bpf_timer_start(&pending->timer, 0, 0);
}

/* A clock event without a hardware counter runs in the timer's interrupt, so with interrupts off. */
SEC("perf_event")
int stall_interrupts(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == stalled_pid && __sync_val_compare_and_swap(&is_armed, 1, 0))
		stall();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
