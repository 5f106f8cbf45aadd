/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Packets that are in time, told without reading a clock, which costs more than all the rest. The first
 * packet of a tick (jiffies) that reaches a stage is timed by the clock; until the tick is over, no packet
 * that was stamped late enough before can be late, and one in 64 of these is timed and stands for the others.
 * Whoever may be late is timed. Right as far as ticks are: they stand still while the CPU that counts them
 * has its interrupts off, or its virtual CPU is not run.
 */
#ifndef KERNTEL_IN_TIME_H
#define KERNTEL_IN_TIME_H

#include <stdbool.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "settings.h"

/* One packet in 2^6, chosen by the product's upper bits (Knuth, The Art of Computer Programming 6.4). */
#define SAMPLE_BITS 6
#define SAMPLE_HASH 0x9e3779b1u

/* How long a tick lasts, and a bit; as long as a threshold or longer: each packet is timed. */
SETTING __u64 tick_ns = 10000000;

/*
 * For all CPUs, written once a tick. It tells no clocks apart, and need not: they are seconds or decades
 * apart, and a stamp of another clock is not within `span_ns`.
 */
struct in_time {
	__u64 tick;
	__u64 oldest_ns; /* stamps from then on, for `span_ns`, are in time */
	__u64 span_ns;
};

static __always_inline bool is_in_time(const struct in_time *known, __u64 stamp, __u64 tick)
{
	const volatile struct in_time *now = known;

	return tick == now->tick && stamp - now->oldest_ns < now->span_ns;
}

/* By its stamp, whose nanoseconds are as good as random: nothing has to be counted for each CPU. */
static __always_inline bool is_sample(__u64 stamp)
{
	return !((__u32)stamp * SAMPLE_HASH >> (32 - SAMPLE_BITS));
}

/* How many packets one stands for that was timed. Asked for the sample too, because another CPU may have
 * noted the tick only just now. */
static __always_inline __u64 sample_weight(const struct in_time *known, __u64 stamp, __u64 tick)
{
	return is_in_time(known, stamp, tick) && is_sample(stamp) ? 1 << SAMPLE_BITS : 1;
}

/* A packet was `age` old when the clock was read, after the ticks. */
static __always_inline void note_time(struct in_time *known, __u64 stamp, __u64 age, __u64 threshold,
				      __u64 tick)
{
	volatile struct in_time *noted = known;

	if (noted->tick == tick || threshold <= tick_ns)
		return;
	/* The tick last: until then nothing of this is looked at. */
	noted->oldest_ns = stamp + age + tick_ns - threshold;
	noted->span_ns = threshold;
	noted->tick = tick;
}

#endif
