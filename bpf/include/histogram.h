/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Durations counted in the kernel: bucket i holds those of at most 2^i microseconds, the last one the rest.
 */
#ifndef KERNTEL_HISTOGRAM_H
#define KERNTEL_HISTOGRAM_H

#include "event.h"

/* Up to 34 s, then one for what took longer. receiver/tracing/duration-histogram.ts has the same number. */
#define DURATION_BUCKETS 27

/* A value of a per-CPU map, which user space sums: no atomics. */
struct duration_histogram {
	event_count buckets[DURATION_BUCKETS];
	nanoseconds sum;
};

static __always_inline __u32 duration_bucket(__u64 duration_ns)
{
	__u64 above = duration_ns ? (duration_ns - 1) / 1000 : 0;
	__u32 bucket = 0;

	/* How many bits `above` has; a loop would cost more, and BPF has no instruction for it. */
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
	if (above >> 2) {
		bucket += 2;
		above >>= 2;
	}
	if (above >> 1) {
		bucket += 1;
		above >>= 1;
	}
	bucket += above;
	return bucket < DURATION_BUCKETS ? bucket : DURATION_BUCKETS - 1;
}

static __always_inline void count_duration(struct duration_histogram *histogram, __u64 duration_ns)
{
	__u32 bucket = duration_bucket(duration_ns);

	if (bucket < DURATION_BUCKETS)
		histogram->buckets[bucket]++;
	histogram->sum += duration_ns;
}

#endif
