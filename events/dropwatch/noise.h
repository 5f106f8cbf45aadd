/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Drops that are known to be no loss: told by their reason, or by the function that frees the packet. */
#ifndef KERNTEL_DROPWATCH_NOISE_H
#define KERNTEL_DROPWATCH_NOISE_H

#include "kernel.h"
#include "counts.h"

#define NOISE_FUNCTIONS	  64
/* Of a reason: which function it was is asked too. */
#define NOISE_BY_FUNCTION 0x80
#define ANY_REASON	  0xffffffff

/* Text of a function, for one reason. */
struct noise_function {
	kernel_address start;
	kernel_address end;
	__u32 reason;
	__u16 rule;
	__u16 only_empty; /* packets without a byte */
};

/* Rules are numbers from 1; which is which, only user space knows. */
struct noise {
	__u8 by_reason[COMMON_REASONS];
	__u32 function_count;
	__u32 _pad;
	struct noise_function functions[NOISE_FUNCTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct noise);
} noise SEC(".maps");

static __always_inline __u32 find_function_rule(const struct noise *rules, struct sk_buff *packet,
						__u64 location, __u32 reason)
{
	for (__u32 index = 0; index < NOISE_FUNCTIONS && index < rules->function_count; index++) {
		const struct noise_function *function = &rules->functions[index];
		/* Location is a return address: behind a last call it is the end of the function. */
		bool is_inside = location >= function->start && location <= function->end;

		bool is_meant = function->reason == reason || function->reason == ANY_REASON;

		if (is_inside && is_meant && !(function->only_empty && packet->len))
			return function->rule;
	}
	return 0;
}

/* The rule that this drop falls under; 0: none. */
static __always_inline __u32 find_noise(struct sk_buff *packet, __u64 location, __u32 reason)
{
	__u32 zero = 0;
	const struct noise *rules = bpf_map_lookup_elem(&noise, &zero);
	__u32 index = reason;
	__u32 rule;

	asm volatile("" : "+r"(index));
	if (!rules || index >= COMMON_REASONS)
		return 0;
	rule = rules->by_reason[index];
	if (rule == NOISE_BY_FUNCTION)
		rule = find_function_rule(rules, packet, location, reason);
	return rule;
}

#endif
