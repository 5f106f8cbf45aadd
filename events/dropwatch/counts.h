/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What metrics are made of: every drop, counted where it happens. */
#ifndef KERNTEL_DROPWATCH_COUNTS_H
#define KERNTEL_DROPWATCH_COUNTS_H

#include "records.h"

/* enum skb_drop_reason has 130 values in 6.18; those of subsystems have a number in the upper 16 bits. */
#define COMMON_REASONS 256
#define OTHER_REASONS  1024
/* Rules of noise, from 1; 0 is the user's filter. */
#define RULES	       16

/* Per CPU; one lookup for all of it. */
struct drop_counts {
	event_count reasons[COMMON_REASONS];
	event_count rules[RULES];
	/* Of kinds that found no slot, or were late for the end of their window. */
	event_count unsummarized;
	/* Where `known_receiver` puts a pointer. */
	kernel_address scratch;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct drop_counts);
} drop_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, OTHER_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} other_reasons SEC(".maps");

static __always_inline struct drop_counts *own_drop_counts(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&drop_counts, &zero);
}

static __always_inline void count_other_reason(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&other_reasons, &reason);
	__u64 zero = 0;

	if (!count) {
		bpf_map_update_elem(&other_reasons, &reason, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&other_reasons, &reason);
	}
	if (count)
		(*count)++;
}

static __always_inline void count_reason(struct drop_counts *own, __u32 reason)
{
	/* The compiler must not compare one copy and use another: the verifier would not see that they are
	 * equal. */
	asm volatile("" : "+r"(reason));
	if (reason < COMMON_REASONS)
		own->reasons[reason]++;
	else
		count_other_reason(reason);
}

static __always_inline void count_rule(struct drop_counts *own, __u32 rule)
{
	asm volatile("" : "+r"(rule));
	if (rule < RULES)
		own->rules[rule]++;
}

#endif
