/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Durations counted in the kernel: bucket i holds those of at most 2^i microseconds, the last one the rest.
 */
#ifndef KERNTEL_HISTOGRAM_H
#define KERNTEL_HISTOGRAM_H

#include "event.h"

/* Up to 34 s, then one for what took longer. receiver/tracing/duration-histogram.ts has the same number. */
#define DURATION_BUCKETS 27

/* A value of a per-CPU map, which user space sums: no atomics. The sum first, in one cache line with short
 * durations.
 */
struct duration_histogram {
	nanoseconds sum;
	event_count buckets[DURATION_BUCKETS];
};

/* How many bits each of the numbers 0 to 15 has, one in each half byte. */
#define BITS_OF_NUMBERS 0x4444444433332210ULL

/* The machine divides slowly, so it multiplies by 2^41 / 1000, rounded up: exact for every number of 32 bits.
 */
static __always_inline __u64 whole_microseconds(__u64 duration_ns)
{
	return duration_ns >> 32 ? duration_ns / 1000 : duration_ns * 2199023256ULL >> 41;
}

/*
 * How many bits the duration has in whole microseconds, less a nanosecond. BPF has no instruction for it, so
 * it is looked up in a constant; almost all of what is measured takes one of the first two ways.
 */
static __always_inline __u32 duration_bucket(__u64 duration_ns)
{
	__u64 above = whole_microseconds(duration_ns ? duration_ns - 1 : 0);
	__u32 bucket = 0;

	if (above < 16)
		return BITS_OF_NUMBERS >> (above * 4) & 15;
	if (above < 256)
		return 4 + (BITS_OF_NUMBERS >> (above >> 4) * 4 & 15);
	if (above >> 32)
		return DURATION_BUCKETS - 1;
	if (above >> 16) {
		bucket += 16;
		above >>= 16;
	}
	if (above >> 8) {
		bucket += 8;
		above >>= 8;
	}
	if (above >> 4) {
		bucket += 4;
		above >>= 4;
	}
	bucket += BITS_OF_NUMBERS >> (above * 4) & 15;
	return bucket < DURATION_BUCKETS ? bucket : DURATION_BUCKETS - 1;
}

/* `times`: how many durations this one stands for. */
static __always_inline void count_durations(struct duration_histogram *histogram, __u64 duration_ns,
					    __u64 times)
{
	__u32 bucket = duration_bucket(duration_ns);

	if (bucket < DURATION_BUCKETS)
		histogram->buckets[bucket] += times;
	histogram->sum += duration_ns * times;
}

static __always_inline void count_duration(struct duration_histogram *histogram, __u64 duration_ns)
{
	count_durations(histogram, duration_ns, 1);
}

#endif
