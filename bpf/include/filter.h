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
#define ETHERNET_BYTES	    14
#define VLAN_BYTES	    4

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
	__u8 frame[ETHERNET_BYTES + VLAN_BYTES + FILTER_BYTES];
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

/* How many bytes stand before the network header in `frame`. */
static __always_inline __u32 build_link_header(struct filter_machine *machine, struct sk_buff *packet)
{
	__u16 network = packet->network_header;
	__u16 link = packet->mac_header;
	__u32 length = network - link;
	__be16 *words = (__be16 *)machine->frame;

	if (link != HEADER_NOT_SET && length == ETHERNET_BYTES + VLAN_BYTES) {
		bpf_probe_read_kernel(machine->frame, ETHERNET_BYTES + VLAN_BYTES, packet->head + link);
		return ETHERNET_BYTES + VLAN_BYTES;
	}
	if (link != HEADER_NOT_SET && length == ETHERNET_BYTES)
		bpf_probe_read_kernel(machine->frame, ETHERNET_BYTES, packet->head + link);
	else
		__builtin_memset(machine->frame, 0, ETHERNET_BYTES - 2);
	words[6] = packet->protocol;
	if (!has_vlan_tag(packet))
		return ETHERNET_BYTES;
	words[8] = words[6];
	words[7] = bpf_htons(packet->vlan_tci);
	words[6] = packet->vlan_proto;
	return ETHERNET_BYTES + VLAN_BYTES;
}

static __always_inline void build_frame(struct filter_machine *machine, struct sk_buff *packet)
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
		if (link_bytes == ETHERNET_BYTES)
			bpf_probe_read_kernel(machine->frame + ETHERNET_BYTES, FILTER_BYTES, start);
		else
			bpf_probe_read_kernel(machine->frame + ETHERNET_BYTES + VLAN_BYTES, FILTER_BYTES,
					      start);
	}
	machine->valid_bytes = link_bytes + valid;
	machine->frame_bytes = link_bytes + packet->len + (__u32)(packet->data - start);
	machine->accumulator = 0;
	machine->index = 0;
	machine->next = 0;
}

#endif
