/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is known of each vector on each CPU, and what was counted. */
#ifndef KERNTEL_SOFTIRQ_VECTOR_SLOT_H
#define KERNTEL_SOFTIRQ_VECTOR_SLOT_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "histogram.h"
#include "hotplug.h"

#define VECTORS	     10 /* NR_SOFTIRQS, include/linux/interrupt.h */
#define SLOTS_OF_CPU 16 /* a power of two */
#define SLOTS	     (MOST_CPUS * SLOTS_OF_CPU)

/*
 * Reading the clock costs more than all the rest. So of a vector that is raised again in the same tick, one
 * in 256 is timed by the clock and stands for those before it in the histogram; the others are timed by the
 * count of ticks, which is one load, and by the clock only if they turn out to be long. Needs thresholds of
 * two ticks or more.
 *
 * A moment is nanoseconds of CLOCK_MONOTONIC where it is positive, minus the count of ticks (jiffies) where
 * it is negative, and none where it is 0.
 */
typedef __s64 moment;

/* What every hook needs, and nothing else: half a cache line. */
struct vector_slot {
	moment raised;	  /* first of the raises that are not served yet */
	moment entered;	  /* when the handler that runs, or ran last, began */
	__u64 timed_tick; /* raises in this tick need no clock; 0: no tick is like that */
	__u32 left;	  /* how many more may do without; it stays `armed` less those who did */
	__u32 armed;
};

/* By number of CPU and vector. Half a megabyte; softirqs of CPUs beyond are not seen. */
struct vector_slot slots[SLOTS];

/* What is touched where the clock is read. */
struct vector_state {
	/* The last raise that was timed by the clock. */
	__u64 timed_ns;
	/* The one before it, for a handler that ran meanwhile: which, by when it was entered. */
	__u64 running_ns;
	moment running;
	/* How many the handler that runs stands for. */
	__u64 run_weight;
	/* Waits that the next one timed stands for too, because their handlers were counted otherwise. */
	__u64 owed_waits;
	struct duration_histogram wait;
	struct duration_histogram run;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VECTORS);
	__type(key, __u32);
	__type(value, struct vector_state);
} vectors SEC(".maps");

/* Below the number of slots, where this CPU has them. Vector is all the three tracepoints tell. */
static __always_inline __u32 own_index(const __u64 *ctx)
{
	return bpf_get_smp_processor_id() * SLOTS_OF_CPU + (__u32)ctx[0];
}

static __always_inline struct vector_slot *slot_at(__u32 index)
{
	struct vector_slot *slot = &slots[index];

	/* The compiler must not compute it anew for each use. */
	asm volatile("" : "+r"(slot));
	return slot;
}

/* What was raised before a CPU was taken off, and not served, did not wait all the time until it is back. */
static __always_inline void forget_cpu(__u64 cpu)
{
	for (__u32 vector = 0; vector < VECTORS; vector++)
		slots[cpu * SLOTS_OF_CPU + vector] = (struct vector_slot){};
}

/* Whether what began at `since`, in ticks, cannot be long: no whole tick has passed. */
static __always_inline bool is_short(moment since, __u64 now_tick)
{
	return now_tick + since < 2;
}

#endif
