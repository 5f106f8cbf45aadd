/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is said of a late packet: the packet, its socket and owner, its reader.
 */
#ifndef KERNTEL_LATE_PACKET_H
#define KERNTEL_LATE_PACKET_H

#include "kernel.h"
#include "event.h"
#include "cgroup.h"
#include "packet.h"
#include "stamp.h"

enum latency_stage {
	STAGE_TO_STACK,
	STAGE_TO_TRANSPORT,
	STAGE_TO_USER,
};

struct net_rx_latency_record {
	record_kind record_kind;
	nanoseconds time;
	nanoseconds latency;
	nanoseconds threshold;
	nanoseconds stamp; /* as the packet carries it */
	opaque_id netns_cookie;
	cgroup_id cgroup_id; /* of the socket's owner; 0 where there is none */
	enum latency_stage stage;
	enum stamp_clock clock;
	__u32 length_bytes;
	__u32 interface_index;
	__u32 netns_inode;
	__u32 socket_uid;
	__u32 cpu;
	__u32 pid; /* of the reader; 0 in the other stages */
	__u32 tid;
	__u32 sequence; /* of a TCP segment, in its socket */
	ip_address source_address;
	ip_address destination_address;
	__be16 source_port;
	__be16 destination_port;
	__be16 ethertype;
	__u8 protocol;
	__u8 tcp_state; /* include/net/tcp_states.h; 0 where no TCP socket is known */
	__u8 has_socket;
	__u8 _pad[7];
	char comm[16];
	char interface[16];
	cgroup_path cgroup;
};
EVENT(net_rx_latency_record);

/* Plain loads where the verifier knows the type: they cost a tenth of probes. */
static __always_inline void describe_namespace(struct net_rx_latency_record *record, struct net *namespace)
{
	record->netns_inode = namespace->ns.inum;
	record->netns_cookie = namespace->net_cookie;
}

/* Above the stack a packet's device field is used for other things. */
static __always_inline void describe_device(struct net_rx_latency_record *record, struct sk_buff *packet)
{
	struct net_device *device = packet->dev;

	record->interface_index = device->ifindex;
	bpf_probe_read_kernel_str(record->interface, sizeof(record->interface), device->name);
	describe_namespace(record, device->nd_net.net);
}

static __always_inline void describe_owner(struct net_rx_latency_record *record, struct cgroup *owner)
{
	if (!owner)
		return;
	record->cgroup_id = owner->kn->id;
	read_cgroup_path(owner, record->cgroup);
}

static __always_inline void describe_socket(struct net_rx_latency_record *record, struct sock *socket)
{
	record->has_socket = 1;
	record->socket_uid = socket->sk_uid.val;
	if (record->protocol == IPPROTO_TCP)
		record->tcp_state = socket->__sk_common.skc_state;
	describe_namespace(record, socket->__sk_common.skc_net.net);
	describe_owner(record, owner_cgroup(socket));
}

static __always_inline void describe_reader(struct net_rx_latency_record *record, bool has_socket)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_pid_tgid();

	record->pid = ids >> 32;
	record->tid = ids;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	if (has_socket)
		return;
	/* Who reads is nearly always who made the socket. */
	describe_namespace(record, task->nsproxy->net_ns);
	describe_owner(record, typed_task_cgroup(task));
}

/* False where this is neither TCP nor UDP. */
static __always_inline bool keep_flow(struct net_rx_latency_record *record, const struct flow *flow)
{
	__builtin_memcpy(record->source_address, flow->source_address, sizeof(ip_address));
	__builtin_memcpy(record->destination_address, flow->destination_address, sizeof(ip_address));
	record->source_port = flow->source_port;
	record->destination_port = flow->destination_port;
	record->ethertype = flow->ethertype;
	record->protocol = flow->protocol;
	return flow->protocol == IPPROTO_TCP || flow->protocol == IPPROTO_UDP;
}

static __always_inline bool read_flow_at(struct net_rx_latency_record *record, __be16 ethertype,
					 unsigned char *header)
{
	struct flow flow = {.ethertype = ethertype};

	read_network(&flow, header);
	return keep_flow(record, &flow);
}

static __always_inline bool read_flow(struct net_rx_latency_record *record, struct sk_buff *packet)
{
	bool is_parsed = record->stage != STAGE_TO_STACK;
	struct flow flow = {};

	read_flow_from(&flow, packet,
		       is_parsed ? BPF_CORE_READ(packet, network_header) : data_offset(packet));
	return keep_flow(record, &flow);
}

static __always_inline void describe(struct net_rx_latency_record *record, struct sk_buff *packet,
				     struct sock *socket)
{
	struct tcp_skb_cb *control = (void *)packet->cb;

	record->length_bytes = packet->len;
	record->interface_index = packet->skb_iif;
	record->cpu = bpf_get_smp_processor_id();
	if (record->stage == STAGE_TO_STACK)
		describe_device(record, packet);
	if (socket)
		describe_socket(record, socket);
	if (record->stage == STAGE_TO_USER)
		describe_reader(record, socket != NULL);
	if (record->stage != STAGE_TO_STACK && record->protocol == IPPROTO_TCP)
		record->sequence = BPF_CORE_READ(control, seq);
}

#endif
