// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* TCP segments sent again: each counted by kind, described as far as the limit allows, and looked up among
 * what this machine dropped. */
#include "kernel.h"
#include "records.h"
#include "tenant-limit.h"
#include "cgroup.h"
#include "packet.h"
#include "local-drops.h"
#include "kind.h"
#include <bpf/bpf_tracing.h>

#define KINDS		   6
#define EBUSY		   16
/* An answer to a SYN comes again after a second (TCP_TIMEOUT_INIT); sending it takes less than this. */
#define SYN_ACK_SENDING_NS 50000000

struct tcp_retransmit_record {
	record_kind record_kind;
	nanoseconds time;
	opaque_id netns_cookie;
	cgroup_id cgroup_id;  /* of the socket's owner; 0 where the kernel does not keep it */
	nanoseconds drop_age; /* of the local drop, where `drop_answer` says that one was found */
	kernel_address drop_location;
	__u32 drop_reason;
	enum local_drop_answer drop_answer;
	enum retransmit_kind kind;
	__s32 error; /* negative: the segment could not be sent, 6.18 */
	__u32 netns_inode;
	__u32 socket_uid;
	__u32 sequence;
	__u32 length_bytes;
	__u32 segments;
	__u32 total_retransmits; /* of the connection */
	__u32 timeout_jiffies;	 /* retransmission timeout that was in force */
	__u32 smoothed_rtt_us;	 /* times 8, as the kernel keeps it */
	__u32 congestion_window; /* segments */
	ip_address local_address;
	ip_address peer_address;
	__be16 local_port;
	__be16 peer_port;
	__u8 tcp_state;
	__u8 congestion_state; /* enum tcp_ca_state */
	__u8 timeouts;	       /* in a row */
	__u8 _pad[5];
	cgroup_path cgroup;
};
EVENT(tcp_retransmit_record);

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} retransmits SEC(".maps");

/* The books of one retransmission that nothing is known of but its kind. NULL: not to be described. */
static __always_inline struct tcp_retransmit_record *begin_record(struct sock *socket,
								  enum retransmit_kind kind)
{
	struct tcp_retransmit_record *record;
	struct event_counters *count = own_counters();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct tenant_place place = {};
	__u32 index = kind;
	__u64 *of_kind = bpf_map_lookup_elem(&retransmits, &index);

	if (!count || !of_kind)
		return NULL;
	count->seen++;
	(*of_kind)++;
	place_of_socket(&place, socket);
	if (!take_token_at(&place, now_ns)) {
		count->suppressed++;
		return NULL;
	}
	record = RESERVE_RECORD(tcp_retransmit_record, count);
	if (!record)
		return NULL;
	record->time = now_ns;
	record->kind = kind;
	return record;
}

/* A request for a connection has its addresses where a socket has them. */
static __always_inline void describe_ends(struct tcp_retransmit_record *record, struct sock *ends)
{
	struct flow flow = {};

	read_socket_flow(&flow, ends);
	__builtin_memcpy(record->local_address, flow.source_address, sizeof(ip_address));
	__builtin_memcpy(record->peer_address, flow.destination_address, sizeof(ip_address));
	record->local_port = flow.source_port;
	record->peer_port = flow.destination_port;
	record->tcp_state = BPF_CORE_READ(ends, __sk_common.skc_state);
}

static __always_inline void describe_owner(struct tcp_retransmit_record *record, struct sock *socket)
{
	struct net *namespace = BPF_CORE_READ(socket, __sk_common.skc_net.net);
	struct cgroup *owner = socket_cgroup(socket);

	record->netns_inode = BPF_CORE_READ(namespace, ns.inum);
	record->netns_cookie = BPF_CORE_READ(namespace, net_cookie);
	record->socket_uid = BPF_CORE_READ(socket, sk_uid.val);
	if (!owner)
		return;
	record->cgroup_id = read_cgroup_id(owner);
	read_cgroup_path(owner, record->cgroup);
}

/* `sent_ns`: when it was sent again, monotonic. */
static __always_inline void look_up_drop(struct tcp_retransmit_record *record, __u64 sent_ns)
{
	struct local_drop wanted = {
		.time = sent_ns,
		.source = fold_address(record->local_address),
		.destination = fold_address(record->peer_address),
		.sequence = record->sequence,
		.source_port = record->local_port,
		.destination_port = record->peer_port,
	};
	struct local_drop found = {};

	record->drop_answer = find_drop(&wanted, &found);
	record->drop_age = found.time ? sent_ns - found.time : 0;
	record->drop_location = found.location;
	record->drop_reason = found.reason;
}

/* What was to be sent again still waits in a queue of this machine: nothing went out. */
static __always_inline int put_aside(void)
{
	struct event_counters *count = own_counters();

	if (!count)
		return 0;
	count->seen++;
	count->filtered++;
	return 0;
}

static __always_inline int handle(struct sock *socket, struct sk_buff *packet, int error)
{
	struct inet_connection_sock *connection = (void *)socket;
	struct tcp_skb_cb *control = (void *)packet->cb;
	struct tcp_sock *tcp = (void *)socket;
	struct tcp_retransmit_record *record;

	if (error == -EBUSY)
		return put_aside();
	record = begin_record(socket, kind_of(socket, connection));
	if (!record)
		return 0;
	describe_ends(record, socket);
	describe_owner(record, socket);
	record->error = error;
	record->sequence = BPF_CORE_READ(control, seq);
	record->length_bytes = BPF_CORE_READ(control, end_seq) - record->sequence;
	record->segments = BPF_CORE_READ(control, tcp_gso_segs);
	record->congestion_state = BPF_CORE_READ_BITFIELD_PROBED(connection, icsk_ca_state);
	record->timeouts = BPF_CORE_READ(connection, icsk_retransmits);
	record->timeout_jiffies = BPF_CORE_READ(connection, icsk_rto);
	record->smoothed_rtt_us = BPF_CORE_READ(tcp, srtt_us);
	record->congestion_window = BPF_CORE_READ(tcp, snd_cwnd);
	record->total_retransmits = BPF_CORE_READ(tcp, total_retrans);
	look_up_drop(record, error ? bpf_ktime_get_ns() : packet->tstamp);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* tcp:tcp_retransmit_skb, net/ipv4/tcp_output.c: after the segment was handed to IP */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit, struct sock *socket, struct sk_buff *packet)
{
	return handle(socket, packet, 0);
}

/* Since 6.17, which also tells of segments that could not be sent. */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(retransmit_with_error, struct sock *socket, struct sk_buff *packet, int error)
{
	return handle(socket, packet, error);
}

/* tcp:tcp_retransmit_synack, net/ipv4/tcp_output.c: the answer to a SYN, again */
SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(retransmit_synack, struct sock *listener, struct request_sock *request)
{
	struct tcp_request_sock *answer = (void *)request;
	struct tcp_retransmit_record *record = begin_record(listener, RETRANSMIT_SYN_ACK);

	if (!record)
		return 0;
	describe_ends(record, (void *)request);
	describe_owner(record, listener);
	record->sequence = BPF_CORE_READ(answer, snt_isn);
	record->length_bytes = 1;
	record->segments = 1;
	record->timeouts = BPF_CORE_READ_BITFIELD_PROBED(request, num_timeout) + 1;
	if (bpf_core_field_exists(request->timeout))
		record->timeout_jiffies = BPF_CORE_READ(request, timeout) << (record->timeouts - 1);
	record->total_retransmits = record->timeouts;
	look_up_drop(record, bpf_ktime_get_ns() - SYN_ACK_SENDING_NS);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* skb:kfree_skb since 5.17 */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_with_reason, struct sk_buff *packet, void *location, int reason)
{
	note_drop(packet, location, reason);
	return 0;
}

/* skb:kfree_skb before: no reason is told. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff *packet, void *location)
{
	note_drop(packet, location, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
