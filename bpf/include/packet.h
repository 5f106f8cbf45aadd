/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Addresses and ports of a packet, from its headers or, before it has any, from the socket that sends it. */
#ifndef KERNTEL_PACKET_H
#define KERNTEL_PACKET_H

#include "kernel.h"
#include "event.h"
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define ETHERTYPE_IPV4	     0x0800
#define ETHERTYPE_IPV6	     0x86dd
#define ETHERTYPE_VLAN	     0x8100 /* IEEE 802.1Q, the customer's tag */
#define ETHERTYPE_PROVIDER   0x88a8 /* and the provider's */
#define ETHERNET_BYTES	     14
#define VLAN_BYTES	     4
#define VLAN_TAGS	     8 /* VLAN_MAX_DEPTH, include/linux/if_vlan.h */
#define ADDRESS_FAMILY_INET  2
#define ADDRESS_FAMILY_INET6 10
#define HEADER_NOT_SET	     0xffff

struct flow {
	ip_address source_address;
	ip_address destination_address;
	__be16 source_port; /* for ICMP: type in the high byte, code in the low one */
	__be16 destination_port;
	__be16 ethertype; /* 0 where neither packet nor socket told */
	__u8 protocol;	  /* IPPROTO_… */
	__u8 _pad;
};

/* ::ffff:a.b.c.d, RFC 4291 section 2.5.5.2 */
static __always_inline void map_ipv4(__u8 *address, __be32 ipv4)
{
	address[10] = 0xff;
	address[11] = 0xff;
	__builtin_memcpy(address + 12, &ipv4, sizeof(ipv4));
}

/*
 * A header and what follows it are read at once, because a probe read costs the same for few bytes and for
 * some more. Behind the data of every packet there is skb_shared_info: reading beyond it does not fail.
 */
struct ipv4_start {
	struct iphdr header;
	__be16 ports[2];
};

struct ipv6_start {
	struct ipv6hdr header;
	__be16 ports[2];
};

static __always_inline void keep_ports(struct flow *flow, const __be16 *ports)
{
	bool has_ports = flow->protocol == IPPROTO_TCP || flow->protocol == IPPROTO_UDP ||
			 flow->protocol == IPPROTO_SCTP;

	if (has_ports || flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6)
		flow->source_port = ports[0];
	if (has_ports)
		flow->destination_port = ports[1];
}

static __always_inline bool read_ipv4(struct flow *flow, unsigned char *network)
{
	struct ipv4_start start;
	const struct iphdr *header = &start.header;

	if (bpf_probe_read_kernel(&start, sizeof(start), network) || header->version != 4 || header->ihl < 5)
		return false;
	map_ipv4(flow->source_address, header->saddr);
	map_ipv4(flow->destination_address, header->daddr);
	flow->protocol = header->protocol;
	/* Only the first fragment has a transport header. */
	if (header->frag_off & bpf_htons(0x1fff))
		return true;
	if (header->ihl > 5 &&
	    bpf_probe_read_kernel(start.ports, sizeof(start.ports), network + header->ihl * 4))
		return true;
	keep_ports(flow, start.ports);
	return true;
}

static __always_inline bool read_ipv6(struct flow *flow, unsigned char *network)
{
	struct ipv6_start start;
	const struct ipv6hdr *header = &start.header;

	if (bpf_probe_read_kernel(&start, sizeof(start), network) || header->version != 6)
		return false;
	__builtin_memcpy(flow->source_address, &header->saddr, 16);
	__builtin_memcpy(flow->destination_address, &header->daddr, 16);
	flow->protocol = header->nexthdr;
	/* Behind extension headers the transport header is not looked for. */
	keep_ports(flow, start.ports);
	return true;
}

struct vlan_tag {
	__be16 control;
	__be16 ethertype; /* of what follows */
};

static __always_inline bool is_vlan(__be16 ethertype)
{
	return ethertype == bpf_htons(ETHERTYPE_VLAN) || ethertype == bpf_htons(ETHERTYPE_PROVIDER);
}

/*
 * The EtherType of what a packet carries behind the VLAN tags in it. `offset`, from the beginning of the
 * packet's memory, is where the packet says that its network header is, and becomes where it is: a packet
 * that comes in has its tags there, one that goes out in front of it (skb_vlan_untag,
 * __vlan_insert_inner_tag). A tag that the device takes off or puts on is in neither place. `packet`: one
 * that the verifier knows, read by plain loads.
 */
static __always_inline __be16 find_network(struct sk_buff *packet, unsigned char *head, __u32 *offset)
{
	__be16 ethertype = packet->protocol;
	struct vlan_tag tag;
	__u32 link;

	if (!is_vlan(ethertype))
		return ethertype;
	link = packet->mac_header;
	if (link != HEADER_NOT_SET && link + ETHERNET_BYTES < *offset)
		*offset = link + ETHERNET_BYTES;
	for (int depth = 0; depth < VLAN_TAGS && is_vlan(ethertype); depth++) {
		if (bpf_probe_read_kernel(&tag, sizeof(tag), head + *offset))
			break;
		ethertype = tag.ethertype;
		*offset += VLAN_BYTES;
	}
	return ethertype;
}

/* `flow` comes with the EtherType; false where that is not IP. */
static __always_inline bool read_network(struct flow *flow, unsigned char *network)
{
	if (flow->ethertype == bpf_htons(ETHERTYPE_IPV4))
		return read_ipv4(flow, network);
	if (flow->ethertype == bpf_htons(ETHERTYPE_IPV6))
		return read_ipv6(flow, network);
	return false;
}

/* From the network header at `offset`, or behind the VLAN tags there. */
static __always_inline bool read_flow_from(struct flow *flow, struct sk_buff *packet, __u32 offset)
{
	unsigned char *head = packet->head;

	flow->ethertype = find_network(packet, head, &offset);
	return read_network(flow, head + offset);
}

static __always_inline bool has_network_header(struct sk_buff *packet)
{
	__u16 offset = packet->network_header;

	return offset && offset != HEADER_NOT_SET;
}

/* Where the stack did not look at a packet yet, it begins with its network header. */
static __always_inline __u32 data_offset(struct sk_buff *packet)
{
	return packet->data - packet->head;
}

static __always_inline bool read_packet_flow(struct flow *flow, struct sk_buff *packet)
{
	flow->ethertype = packet->protocol;
	return has_network_header(packet) && read_flow_from(flow, packet, packet->network_header);
}

static __always_inline void read_socket_flow(struct flow *flow, struct sock *socket)
{
	__u16 family = BPF_CORE_READ(socket, __sk_common.skc_family);

	if (family == ADDRESS_FAMILY_INET) {
		flow->ethertype = bpf_htons(ETHERTYPE_IPV4);
		map_ipv4(flow->source_address, BPF_CORE_READ(socket, __sk_common.skc_rcv_saddr));
		map_ipv4(flow->destination_address, BPF_CORE_READ(socket, __sk_common.skc_daddr));
	} else if (family == ADDRESS_FAMILY_INET6) {
		flow->ethertype = bpf_htons(ETHERTYPE_IPV6);
		BPF_CORE_READ_INTO(&flow->source_address, socket, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&flow->destination_address, socket, __sk_common.skc_v6_daddr);
	} else {
		return;
	}
	flow->protocol = BPF_CORE_READ(socket, sk_protocol);
	flow->source_port = bpf_htons(BPF_CORE_READ(socket, __sk_common.skc_num));
	flow->destination_port = BPF_CORE_READ(socket, __sk_common.skc_dport);
}

#endif
