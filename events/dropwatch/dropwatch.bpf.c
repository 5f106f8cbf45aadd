// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets that the kernel threw away: counted by reason, every one; described as far as the limit allows. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "cgroup.h"
#include "packet.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32
/* enum skb_drop_reason has some 130 values in 6.18, and subsystems add their own in the upper 16 bits. */
#define REASONS	     1024

struct dropwatch_record {
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

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, REASONS);
	__type(key, __u32);
	__type(value, __u64);
} drops SEC(".maps");

static __always_inline void count_drop(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&drops, &reason);
	__u64 zero = 0;

	if (!count) {
		bpf_map_update_elem(&drops, &reason, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&drops, &reason);
	}
	if (count)
		(*count)++;
}

static __always_inline void describe_device(struct dropwatch_record *record, struct sk_buff *packet,
					    struct sock *socket)
{
	struct net_device *device = BPF_CORE_READ(packet, dev);
	struct net *namespace = NULL;

	/* In TCP's out-of-order queue the field holds a tree link instead: its index then reads as nonsense.
	 */
	if (device) {
		record->interface_index = BPF_CORE_READ(device, ifindex);
		BPF_CORE_READ_STR_INTO(&record->interface, device, name);
		namespace = BPF_CORE_READ(device, nd_net.net);
	} else {
		record->interface_index = BPF_CORE_READ(packet, skb_iif);
	}
	if (socket)
	namespace = BPF_CORE_READ(socket, __sk_common.skc_net.net);
	record->netns_inode = BPF_CORE_READ(namespace, ns.inum);
	record->netns_cookie = BPF_CORE_READ(namespace, net_cookie);
}

static __always_inline void describe_socket(struct dropwatch_record *record, struct sock *socket)
{
	unsigned char state = BPF_CORE_READ(socket, __sk_common.skc_state);
	struct cgroup *owner;

	/* TIME_WAIT and NEW_SYN_RECV are smaller structs without an owner (include/net/tcp_states.h). */
	if (state == 6 || state == 12)
		return;
	owner = socket_cgroup(socket);
	record->has_socket = 1;
	record->socket_uid = BPF_CORE_READ(socket, sk_uid.val);
	if (BPF_CORE_READ(socket, sk_protocol) == IPPROTO_TCP)
		record->tcp_state = state;
	if (owner) {
		record->cgroup_id = read_cgroup_id(owner);
		read_cgroup_path(owner, record->cgroup);
	}
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
	__builtin_memcpy(record->source_address, flow.source_address, sizeof(ip_address));
	__builtin_memcpy(record->destination_address, flow.destination_address, sizeof(ip_address));
	record->source_port = flow.source_port;
	record->destination_port = flow.destination_port;
	record->ethertype = flow.ethertype;
	record->protocol = flow.protocol;
}

static __always_inline int handle(void *ctx, struct sk_buff *packet, void *location, __u32 reason,
				  struct sock *receiver)
{
	struct event_counters *count = own_counters();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct dropwatch_record *record;
	struct sock *socket;

	if (!count)
		return 0;
	count->seen++;
	count_drop(reason);
	if (!take_token(now_ns)) {
		count->suppressed++;
		return 0;
	}
	record = RESERVE_RECORD(dropwatch_record, count);
	if (!record)
		return 0;
	socket = receiver ? receiver : BPF_CORE_READ(packet, sk);
	record->time = now_ns;
	record->location = (__u64)location;
	record->reason = reason;
	record->length_bytes = BPF_CORE_READ(packet, len);
	record->cpu = bpf_get_smp_processor_id();
	describe_device(record, packet, socket);
	if (socket)
		describe_socket(record, socket);
	describe_flow(record, packet, socket);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* skb:kfree_skb since 6.11: the receiving socket is known even where the packet does not point to it. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_with_receiver, struct sk_buff *packet, void *location, int reason, struct sock *receiver)
{
	return handle(ctx, packet, location, reason, receiver);
}

/* skb:kfree_skb since 5.17 */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_with_reason, struct sk_buff *packet, void *location, int reason)
{
	return handle(ctx, packet, location, reason, NULL);
}

/* skb:kfree_skb before: no reason is told. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff *packet, void *location)
{
	return handle(ctx, packet, location, 0, NULL);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
