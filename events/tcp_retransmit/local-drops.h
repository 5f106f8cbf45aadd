/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * TCP segments that this machine dropped a moment ago, found again by their sequence number. Memory is
 * bounded; where a drop had to be forgotten too early, its place says so, so that "not found" is never a
 * guess.
 */
#ifndef KERNTEL_LOCAL_DROPS_H
#define KERNTEL_LOCAL_DROPS_H

#include "kernel.h"
#include "event.h"
#include "packet.h"
#include "settings.h"
#include <stddef.h>
#include <linux/tcp.h>

/* 4,096 segments, 270 KiB: a burst of over a thousand drops a second forgets next to nothing. */
#define DROP_SETS	1024
#define DROP_SETS_SHIFT 22
#define DROP_WAYS	4
/* A packet of 64 KiB in segments of an Ethernet frame; what a larger one holds beyond is not remembered. */
#define PIECES		46

/* How long a drop may explain a retransmission. */
SETTING __u64 drop_window_ns = 2000000000;
/* Bit n of word n / 64: reason n is not a loss, for instance the drop of what had arrived before. */
const volatile __u64 harmless_reasons_0 = 0;
const volatile __u64 harmless_reasons_1 = 0;
const volatile __u64 harmless_reasons_2 = 0;

struct local_drop {
	__u64 time; /* monotonic, as TCP's own send times; 0: nothing here */
	__u64 location;
	__u64 source; /* address, folded */
	__u64 destination;
	__u32 reason;
	__u32 sequence;
	__be16 source_port;
	__be16 destination_port;
	__u32 _pad;
};

struct drop_set {
	__u64 forgotten_time; /* when a drop inside the window had to make room */
	struct local_drop ways[DROP_WAYS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DROP_SETS);
	__type(key, __u32);
	__type(value, struct drop_set);
} local_drops SEC(".maps");

/* When a packet had more segments than are remembered of one. */
__u64 incomplete_time = 0;

static __always_inline __u64 fold_address(const __u8 *address)
{
	__u64 halves[2];

	__builtin_memcpy(halves, address, sizeof(halves));
	return halves[0] * 31 ^ halves[1];
}

static __always_inline struct drop_set *drop_set_of(__u32 sequence)
{
	__u32 index = (sequence * 2654435761u) >> DROP_SETS_SHIFT;

	return bpf_map_lookup_elem(&local_drops, &index);
}

/* Address translation changes one end of a connection and leaves sequence numbers alone. */
static __always_inline bool is_same_segment(const struct local_drop *left, const struct local_drop *right)
{
	bool is_same_source = left->source == right->source && left->source_port == right->source_port;
	bool is_same_destination =
		left->destination == right->destination && left->destination_port == right->destination_port;

	return left->sequence == right->sequence && (is_same_source || is_same_destination);
}

/* A function of its own for the verifier, which then looks at it once and not once for each piece. */
__noinline int remember_drop(struct local_drop *drop)
{
	struct local_drop *oldest = NULL;
	struct drop_set *set;

	if (!drop)
		return 0;
	set = drop_set_of(drop->sequence);
	if (!set)
		return 0;
	for (int way = 0; way < DROP_WAYS; way++) {
		struct local_drop *kept = &set->ways[way];

		if (!oldest || kept->time < oldest->time)
			oldest = kept;
	}
	if (oldest->time && drop->time - oldest->time < drop_window_ns)
		set->forgotten_time = drop->time;
	*oldest = *drop;
	return 0;
}

enum local_drop_answer { LOCAL_DROP_NONE, LOCAL_DROP_FOUND, LOCAL_DROP_FORGOTTEN };

/*
 * The latest drop of a segment before `wanted->time`, which is when it was sent again: that it may have been
 * dropped once more since does not say what became of it before. `found` is filled where there is one.
 */
static __always_inline enum local_drop_answer find_drop(const struct local_drop *wanted,
							struct local_drop *found)
{
	struct drop_set *set = drop_set_of(wanted->sequence);
	__u64 begin = wanted->time - drop_window_ns;

	if (!set)
		return LOCAL_DROP_FORGOTTEN;
	for (int way = 0; way < DROP_WAYS; way++) {
		struct local_drop *kept = &set->ways[way];

		if (kept->time > begin && kept->time < wanted->time && kept->time > found->time &&
		    is_same_segment(kept, wanted))
			*found = *kept;
	}
	if (found->time)
		return LOCAL_DROP_FOUND;
	if (set->forgotten_time > begin || incomplete_time > begin)
		return LOCAL_DROP_FORGOTTEN;
	return LOCAL_DROP_NONE;
}

static __always_inline bool is_harmless(__u32 reason)
{
	__u64 words = reason < 64    ? harmless_reasons_0
		      : reason < 128 ? harmless_reasons_1
		      : reason < 192 ? harmless_reasons_2
				     : 0;

	return words >> (reason & 63) & 1;
}

/* Most of what is dropped is not TCP: one byte shows, or where there are VLAN tags a closer look. Without an
 * IP header yet, for want of a route, the socket has to. */
static __always_inline bool may_be_tcp(struct sk_buff *packet)
{
	__be16 ethertype = packet->protocol;
	__u32 offset = offsetof(struct iphdr, protocol);
	__u8 protocol = 0;

	if (ethertype == bpf_htons(ETHERTYPE_IPV6))
		offset = offsetof(struct ipv6hdr, nexthdr);
	else if (ethertype != bpf_htons(ETHERTYPE_IPV4))
		return is_vlan(ethertype) || (!ethertype && packet->sk);
	bpf_probe_read_kernel(&protocol, 1, packet->head + packet->network_header + offset);
	return protocol == IPPROTO_TCP;
}

/* Where the TCP header is, from the beginning of the packet's memory; 0 where this is not TCP over IP. */
static __always_inline __u32 find_tcp(struct sk_buff *packet, unsigned char *head, struct flow *flow)
{
	__u32 begin = packet->network_header;
	__be16 ethertype = find_network(packet, head, &begin);
	__u8 first;

	if (ethertype == bpf_htons(ETHERTYPE_IPV4)) {
		if (!read_ipv4(flow, head + begin) || flow->protocol != IPPROTO_TCP || !flow->source_port ||
		    bpf_probe_read_kernel(&first, sizeof(first), head + begin))
			return 0;
		return begin + (first & 0xf) * 4;
	}
	if (ethertype == bpf_htons(ETHERTYPE_IPV6))
		return read_ipv6(flow, head + begin) && flow->protocol == IPPROTO_TCP
			       ? begin + sizeof(struct ipv6hdr)
			       : 0;
	if (ethertype)
		return 0;
	read_socket_flow(flow, BPF_CORE_READ(packet, sk));
	return flow->protocol == IPPROTO_TCP ? packet->transport_header : 0;
}

/* Data, and one each for SYN and FIN; nothing: a mere acknowledgement. */
static __always_inline __u32 count_sequence(const struct tcphdr *header, __u32 bytes)
{
	return bytes - header->doff * 4 + header->syn + header->fin;
}

static __always_inline void note_segment(struct sk_buff *packet, void *location, __u32 reason)
{
	struct local_drop drop = {.location = (__u64)location, .reason = reason};
	struct skb_shared_info *shared;
	struct tcphdr header;
	struct flow flow = {};
	unsigned char *head, *data;
	__u32 at, length, piece;

	/* Copied, because the verifier does not let us subtract pointers of the kernel. */
	head = BPF_CORE_READ(packet, head);
	at = find_tcp(packet, head, &flow);
	if (!at || bpf_probe_read_kernel(&header, sizeof(header), head + at))
		return;
	data = BPF_CORE_READ(packet, data);
	length = count_sequence(&header, data - head + packet->len - at);
	if (!length)
		return;
	drop.time = bpf_ktime_get_ns();
	drop.source = fold_address(flow.source_address);
	drop.destination = fold_address(flow.destination_address);
	drop.source_port = flow.source_port;
	drop.destination_port = flow.destination_port;
	drop.sequence = bpf_ntohl(header.seq);
	shared = (void *)head + packet->end;
	piece = BPF_CORE_READ(shared, gso_size);
	remember_drop(&drop);
	/* One packet for the network card, or dropped before it was cut: any of its segments may come again.
	 */
	for (int pieces = 1; piece && pieces < PIECES; pieces++) {
		if (length <= piece)
			return;
		length -= piece;
		drop.sequence += piece;
		remember_drop(&drop);
	}
	if (piece && length > piece)
		incomplete_time = drop.time;
}

static __always_inline void note_drop(struct sk_buff *packet, void *location, __u32 reason)
{
	if (may_be_tcp(packet) && !is_harmless(reason))
		note_segment(packet, location, reason);
}

#endif
