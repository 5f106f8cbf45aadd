/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Drops that are known to be no loss: told by their reason, or by the function that frees the packet. */
#ifndef KERNTEL_DROPWATCH_NOISE_H
#define KERNTEL_DROPWATCH_NOISE_H

#include "kernel.h"
#include "counts.h"

/* A power of two. */
#define NOISE_FUNCTIONS	       64
/* Of a reason: which function it was is asked too. */
#define NOISE_BY_FUNCTION      0x80
/* include/linux/socket.h */
#define ADDRESS_FAMILY_NETLINK 16

/* Which drops at a function the rule is about. */
enum noise_condition { ANY_PACKET, ONLY_EMPTY, ONLY_NETLINK };

/* Text of a function. Rule 0 exempts it from the rules behind it. */
struct noise_function {
	kernel_address start;
	kernel_address end;
	__u16 rule;
	__u16 condition; /* enum noise_condition */
	__u32 _pad;
};

/* A reason has functions of its own, in a row, so that no drop looks at those of others. */
struct noise_reason {
	__u8 rule;
	__u8 first;
	__u8 count;
	__u8 _pad;
};

/* Rules are numbers from 1; which is which, only user space knows. */
struct noise {
	struct noise_reason by_reason[COMMON_REASONS];
	/* Functions that are asked for whatever the reason is, after its own. */
	__u32 common_first;
	__u32 common_count;
	struct noise_function functions[NOISE_FUNCTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct noise);
} noise SEC(".maps");

/*
 * Messages of netlink sockets are sk_buffs, and no packets. One that nobody owns, as the copy that nfnetlink
 * works on, is recognized by what a packet has at least one of: a protocol, a device, a network header.
 */
static __always_inline bool is_netlink(struct sk_buff *packet)
{
	struct sock *socket = packet->sk;

	if (socket)
		return socket->__sk_common.skc_family == ADDRESS_FAMILY_NETLINK;
	return !packet->protocol && !packet->dev && !packet->network_header;
}

static __always_inline bool meets(struct sk_buff *packet, __u16 condition)
{
	switch (condition) {
	case ONLY_EMPTY:
		return !packet->len;
	case ONLY_NETLINK:
		return is_netlink(packet);
	default:
		return true;
	}
}

static __always_inline __u32 find_function_rule(const struct noise *rules, struct sk_buff *packet,
						__u64 location, __u32 first, __u32 count)
{
	for (__u32 index = 0; index < NOISE_FUNCTIONS && index < count; index++) {
		const struct noise_function *function =
			&rules->functions[(first + index) & (NOISE_FUNCTIONS - 1)];

		/* Location is a return address: behind a last call it is the end of the function. */
		if (location < function->start || location > function->end)
			continue;
		if (meets(packet, function->condition))
			return function->rule;
	}
	return 0;
}

/* The rule that this drop falls under; 0: none. */
static __always_inline __u32 find_noise(struct sk_buff *packet, __u64 location, __u32 reason)
{
	__u32 zero = 0;
	const struct noise *rules = bpf_map_lookup_elem(&noise, &zero);
	const struct noise_reason *own;
	__u32 index = reason;
	__u32 rule;

	asm volatile("" : "+r"(index));
	if (!rules || index >= COMMON_REASONS)
		return 0;
	own = &rules->by_reason[index];
	rule = own->rule;
	if (rule != NOISE_BY_FUNCTION)
		return rule;
	rule = find_function_rule(rules, packet, location, own->first, own->count);
	if (!rule && rules->common_count)
		rule = find_function_rule(rules, packet, location, rules->common_first, rules->common_count);
	return rule;
}

#endif
