/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* One drop, whole: packet, device, socket, stack. */
#ifndef KERNTEL_DROPWATCH_DESCRIBE_H
#define KERNTEL_DROPWATCH_DESCRIBE_H

#include "kind.h"
#include "packet.h"
#include "tenant-limit.h"

/* From the drop to the interrupt or the system call. Unwinding is most of what a record costs, frame by
 * frame. */
#define STACK_FRAMES 16

struct dropwatch_record {
	record_kind record_kind;
	nanoseconds time;
	opaque_id netns_cookie;
	cgroup_id cgroup_id; /* of the socket's owner; 0 where there is no socket */
	kernel_address location;
	kernel_address stack[STACK_FRAMES];
	__u32 reason;
	__u32 length_bytes;
	__u32 interface_index;
	__u32 netns_inode;
	__u32 socket_uid;
	__u32 cpu;
	ip_address source_address;
	ip_address destination_address;
	__be16 source_port;
	__be16 destination_port;
	__be16 ethertype;
	__u8 protocol;
	__u8 tcp_state; /* include/net/tcp_states.h; 0 where the socket is not TCP */
	__u8 has_socket;
	__u8 has_flow;
	__u8 _pad[6];
	char interface[16];
	cgroup_path cgroup;
};
EVENT(dropwatch_record);

/* By the share of the socket's tenant; else of the device's, and of nobody where a packet has neither. */
static __always_inline bool may_describe(struct net_device *device, struct sock *socket, __u64 now_ns)
{
	struct tenant_place place = {};

	if (socket && has_owner(socket))
		place_of_socket(&place, socket);
	else if (device)
		place_in_namespace(&place, device->nd_net.net);
	else
		return take_token_of(make_tenant(TENANT_NOBODY, 0), now_ns);
	return take_token_at(&place, now_ns);
}

/* Names and cookies of the first drop of a kind are in its slot already. */
static __always_inline void describe_device(struct dropwatch_record *record, struct sk_buff *packet,
					    struct net_device *device, struct sock *socket,
					    const struct kind_slot *slot)
{
	if (!device)
		record->interface_index = packet->skb_iif;
	if (slot) {
		__builtin_memcpy(record->interface, slot->interface, sizeof(record->interface));
		record->netns_cookie = slot->netns_cookie;
		return;
	}
	if (device) {
		bpf_probe_read_kernel_str(record->interface, sizeof(record->interface), device->name);
		record->netns_cookie = device->nd_net.net->net_cookie;
	}
	if (socket)
		record->netns_cookie = socket->__sk_common.skc_net.net->net_cookie;
}

static __always_inline void describe_socket(struct dropwatch_record *record, struct sock *socket)
{
	struct cgroup *owner;

	if (!has_owner(socket))
		return;
	record->has_socket = 1;
	record->socket_uid = socket->sk_uid.val;
	if (socket->sk_protocol == IPPROTO_TCP)
		record->tcp_state = socket->__sk_common.skc_state;
	owner = owner_cgroup(socket);
	if (owner)
		read_cgroup_path(owner, record->cgroup);
}

static __always_inline void put_flow(struct dropwatch_record *record, const struct flow *flow)
{
	__builtin_memcpy(record->source_address, flow->source_address, sizeof(ip_address));
	__builtin_memcpy(record->destination_address, flow->destination_address, sizeof(ip_address));
	record->source_port = flow->source_port;
	record->destination_port = flow->destination_port;
	record->ethertype = flow->ethertype;
	record->protocol = flow->protocol;
}

static __always_inline void describe_flow(struct dropwatch_record *record, struct sk_buff *packet,
					  struct sock *socket)
{
	struct flow flow = {};

	if (read_packet_flow(&flow, packet)) {
		record->has_flow = 1;
	} else if (socket) {
		read_socket_flow(&flow, socket);
		record->has_flow = flow.protocol != 0;
	}
	put_flow(record, &flow);
}

/* Whether the ring had room; where it had none, that is counted. */
static __always_inline bool describe(void *ctx, const struct drop_kind *kind, struct sk_buff *packet,
				     struct net_device *device, struct sock *socket,
				     const struct kind_slot *slot, __u64 now_ns, struct event_counters *count)
{
	struct dropwatch_record *record = RESERVE_RECORD(dropwatch_record, count);

	if (!record)
		return false;
	record->time = now_ns;
	record->location = kind->location;
	record->cgroup_id = kind->cgroup_id;
	record->reason = kind->reason;
	record->interface_index = kind->interface_index;
	record->netns_inode = kind->netns_inode;
	record->length_bytes = packet->len;
	record->cpu = bpf_get_smp_processor_id();
	describe_device(record, packet, device, socket, slot);
	if (socket)
		describe_socket(record, socket);
	describe_flow(record, packet, socket);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return true;
}

#endif
