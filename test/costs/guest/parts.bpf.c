// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the parts cost that kernel halves are made of; the name of each program is what it does. */
#include "kernel.h"
#include "records.h"
#include "packet.h"
#include <bpf/bpf_tracing.h>

#define RECORD_WORDS 127

struct record {
	record_kind record_kind;
	__u64 words[RECORD_WORDS];
};

struct space {
	__u64 word;
	__u64 stack[32];
	char name[16];
	struct flow flow;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct space);
} spaces SEC(".maps");

#define PART(name)                                                                                           \
	SEC("tp_btf/kfree_skb")                                                                              \
	int BPF_PROG(name, struct sk_buff *packet)

static __always_inline struct space *own_space(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&spaces, &zero);
}

PART(nothing)
{
	return 0;
}

PART(look_up_per_cpu_array)
{
	return own_space() ? 0 : 1;
}

PART(read_clock)
{
	return bpf_ktime_get_ns() == 0;
}

PART(look_up_and_read_field_by_load)
{
	struct space *space = own_space();

	if (space)
		space->word = packet->len;
	return 0;
}

PART(look_up_and_read_field_by_probe)
{
	struct space *space = own_space();

	if (space)
		space->word = BPF_CORE_READ(packet, len);
	return 0;
}

PART(look_up_and_read_flow)
{
	struct space *space = own_space();

	if (space)
		read_packet_flow(&space->flow, packet);
	return 0;
}

PART(look_up_and_take_stack_of_8)
{
	struct space *space = own_space();

	if (space)
		bpf_get_stack(ctx, space->stack, 8 * sizeof(__u64), 0);
	return 0;
}

PART(look_up_and_take_stack_of_16)
{
	struct space *space = own_space();

	if (space)
		bpf_get_stack(ctx, space->stack, 16 * sizeof(__u64), 0);
	return 0;
}

PART(look_up_and_take_stack_of_32)
{
	struct space *space = own_space();

	if (space)
		bpf_get_stack(ctx, space->stack, 32 * sizeof(__u64), 0);
	return 0;
}

PART(reserve_1_kib_and_discard)
{
	struct record *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);

	if (record)
		bpf_ringbuf_discard(record, 0);
	return 0;
}

PART(reserve_1_kib_clear_and_discard)
{
	struct event_counters *count = own_counters();
	struct record *record = count ? RESERVE_RECORD(record, count) : NULL;

	if (record)
		bpf_ringbuf_discard(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
