/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The user's filter: a classic BPF program as libpcap compiles it for Ethernet, interpreted. A packet without
 * an Ethernet header gets one made up, and a VLAN tag that the device took off goes back to its place, so
 * that one program fits all.
 */
#ifndef KERNTEL_FILTER_H
#define KERNTEL_FILTER_H

#include "kernel.h"
#include "records.h"
#include "settings.h"
#include "packet.h"
#include <linux/filter.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define FILTER_INSTRUCTIONS 512
/* Of the packet from its network header on: IPv6, some extension headers and TCP with all options. */
#define FILTER_BYTES	    192
#define ADDRESS_BYTES	    12
/* One that the device took off, and two in the packet. */
#define LINK_BYTES	    (ETHERNET_BYTES + 3 * VLAN_BYTES)

struct filter_instruction {
	__u16 code;
	__u8 if_true;
	__u8 if_false;
	__u32 constant;
};

struct packet_filter {
	__u32 count;
	__u32 _pad;
	struct filter_instruction instructions[FILTER_INSTRUCTIONS];
};

/* Two, so that a new filter is complete before it is in force. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct packet_filter);
} filters SEC(".maps");

/* 0: no filter; else one more than the index of the one in force. */
SETTING __u32 filter_in_force = 0;

/* In memory and not in registers, so that every step looks the same to the verifier. */
struct filter_machine {
	__u32 accumulator;
	__u32 index;
	__u32 next;
	__u32 valid_bytes;
	__u32 frame_bytes;
	__u32 memory[BPF_MEMWORDS];
	__u8 frame[LINK_BYTES + FILTER_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct filter_machine);
} filter_machines SEC(".maps");

/* Before 6.2 whether there is a tag was a bit of its own. */
struct sk_buff___vlan_bit {
	__u8 vlan_present : 1;
} __attribute__((preserve_access_index));

static __always_inline bool has_vlan_tag(struct sk_buff *packet)
{
	struct sk_buff___vlan_bit *older = (void *)packet;

	if (bpf_core_field_exists(older->vlan_present))
		return BPF_CORE_READ_BITFIELD_PROBED(older, vlan_present);
	return packet->vlan_proto || packet->vlan_tci;
}

/* Tags that stand in a packet that goes out, before its network header; one that comes in has them behind it.
 */
static __always_inline __u32 count_tag_bytes(__u16 link, __u32 length)
{
	if (link == HEADER_NOT_SET || length <= ETHERNET_BYTES)
		return 0;
	if (length == ETHERNET_BYTES + VLAN_BYTES)
		return VLAN_BYTES;
	return length == ETHERNET_BYTES + 2 * VLAN_BYTES ? 2 * VLAN_BYTES : 0;
}

/* How many bytes stand before the network header in `frame`. */
static __always_inline __u32 build_link_header(struct filter_machine *machine, struct sk_buff *packet)
{
	__u16 network = packet->network_header;
	__u16 link = packet->mac_header;
	__u32 length = network - link;
	__u32 tag_bytes = count_tag_bytes(link, length);
	__be16 *words = (__be16 *)machine->frame;
	__u32 at = ADDRESS_BYTES;

	if (link != HEADER_NOT_SET && (length == ETHERNET_BYTES || tag_bytes))
		bpf_probe_read_kernel(machine->frame, ADDRESS_BYTES, packet->head + link);
	else
		__builtin_memset(machine->frame, 0, ADDRESS_BYTES);
	if (has_vlan_tag(packet)) {
		words[6] = packet->vlan_proto;
		words[7] = bpf_htons(packet->vlan_tci);
		at += VLAN_BYTES;
	}
	if (tag_bytes)
		bpf_probe_read_kernel(machine->frame + at, 2 * VLAN_BYTES + 2,
				      packet->head + link + ADDRESS_BYTES);
	else
		words[at / 2] = packet->protocol;
	return at + tag_bytes + 2;
}

/* Not inlined: without a filter it keeps out of the way. */
static __noinline void build_frame(struct filter_machine *machine, struct sk_buff *packet)
{
	__u16 network = packet->network_header;
	unsigned char *start = packet->head + network;
	__u32 link_bytes = build_link_header(machine, packet);
	__u32 valid = 0;

	if (network && network != HEADER_NOT_SET && packet->tail > network) {
		valid = packet->tail - network;
		if (valid > FILTER_BYTES)
			valid = FILTER_BYTES;
		/* Behind the data of every packet there is skb_shared_info, so that reading beyond it does
		 * not fail. */
		bpf_probe_read_kernel(machine->frame + link_bytes, FILTER_BYTES, start);
	}
	machine->valid_bytes = link_bytes + valid;
	machine->frame_bytes = link_bytes + packet->len + (__u32)(packet->data - start);
	machine->accumulator = 0;
	machine->index = 0;
	machine->next = 0;
}

#endif
