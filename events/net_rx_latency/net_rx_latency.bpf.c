// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Received packets that took too long to the stack, to their transport
 * protocol, or to the reader. */
#include "kernel.h"
#include "records.h"
#include "limit.h"
#include "histogram.h"
#include "stamp.h"
#include "late-packet.h"
#include "udp-queue.h"
#include <bpf/bpf_tracing.h>

#define STAGES		  3
#define TYPE_STREAM	  1
#define PEEK		  2 /* MSG_PEEK: it stays in the queue */
/* What is older than this was stamped by a clock that has been set since. */
#define OLDEST_NS	  600000000000ull
/* The kernel's quick clock reading may lag behind its exact one by a bit
 * (kernel/time/timekeeping.c). */
#define CLOCK_DISORDER_NS 1000000

SETTING __u64 to_stack_threshold_ns = 5000000;
SETTING __u64 to_transport_threshold_ns = 10000000;
SETTING __u64 to_user_threshold_ns = 115000000;

struct stage_counts {
	struct duration_histogram durations;
	event_count late;
	event_count unmeasured;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STAGES);
	__type(key, __u32);
	__type(value, struct stage_counts);
} stages SEC(".maps");

static __always_inline struct stage_counts *counts_of(enum latency_stage stage)
{
	__u32 index = stage;

	return bpf_map_lookup_elem(&stages, &index);
}

/* NULL: not to be described. */
static __always_inline struct net_rx_latency_record *begin_record(enum latency_stage stage, __u64 age,
								  __u64 threshold, bool is_departure)
{
	struct event_counters *count = own_counters();
	struct stage_counts *counts = counts_of(stage);
	struct net_rx_latency_record *record;
	__u64 now_ns = bpf_ktime_get_boot_ns();

	if (!count || !counts)
		return NULL;
	if (age + CLOCK_DISORDER_NS < CLOCK_DISORDER_NS) {
		count_duration(&counts->durations, 0);
		return NULL;
	}
	if (age > OLDEST_NS) {
		/* TCP may have meant a packet to leave later than it did. */
		if (!is_departure)
			counts->unmeasured++;
		return NULL;
	}
	count_duration(&counts->durations, age);
	counts->late++;
	count->seen++;
	if (!take_token(now_ns)) {
		count->suppressed++;
		return NULL;
	}
	record = RESERVE_RECORD(net_rx_latency_record, count);
	if (!record)
		return NULL;
	record->time = now_ns;
	record->latency = age;
	record->threshold = threshold;
	record->stage = stage;
	return record;
}

static __always_inline int put_aside(struct net_rx_latency_record *record)
{
	struct event_counters *count = own_counters();

	if (count)
		count->filtered++;
	bpf_ringbuf_discard(record, 0);
	return 0;
}

/* Not inlined: what is rare keeps out of the way of what is not. */
static __noinline int report(struct sk_buff *packet, struct sock *socket, enum latency_stage stage, __u64 age,
			     __u64 threshold)
{
	enum stamp_clock clock = clock_of(packet);
	struct net_rx_latency_record *record = begin_record(stage, age, threshold, clock == CLOCK_MONOTONIC);

	if (!record)
		return 0;
	record->stamp = packet->tstamp;
	record->clock = clock;
	if (!read_flow(record, packet))
		return put_aside(record);
	describe(record, packet, socket);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __noinline int report_read(struct sock *socket, struct unread_datagram *datagram, __u64 age,
				  __u64 threshold, int length)
{
	struct net_rx_latency_record *record = begin_record(STAGE_TO_USER, age, threshold, false);

	if (!record)
		return 0;
	record->stamp = datagram->stamp;
	record->clock = CLOCK_REAL;
	record->length_bytes = length;
	record->cpu = bpf_get_smp_processor_id();
	if (!read_flow_at(record, datagram->ethertype, datagram->headers))
		return put_aside(record);
	describe_socket(record, socket);
	describe_reader(record, true);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __always_inline int measure(struct sk_buff *packet, struct sock *socket, enum latency_stage stage,
				   __u64 threshold)
{
	struct stage_counts *counts;
	__u64 stamp = packet->tstamp;
	__u64 age;

	if (!stamp)
		return 0;
	age = age_of(clock_of(packet), stamp);
	if (age >= threshold)
		return report(packet, socket, stage, age, threshold);
	counts = counts_of(stage);
	if (counts)
		count_duration(&counts->durations, age);
	return 0;
}

/* net:netif_receive_skb, net/core/dev.c: the first thing that happens to a
 * packet outside of its driver */
SEC("tp_btf/netif_receive_skb")
int BPF_PROG(to_stack, struct sk_buff *packet)
{
	return measure(packet, NULL, STAGE_TO_STACK, to_stack_threshold_ns);
}

/* tcp:tcp_probe, net/ipv4/tcp_input.c: a segment for an established connection,
 * also from a socket's backlog */
SEC("tp_btf/tcp_probe")
int BPF_PROG(tcp_to_transport, struct sock *socket, struct sk_buff *packet)
{
	return measure(packet, socket, STAGE_TO_TRANSPORT, to_transport_threshold_ns);
}

/* skb:skb_copy_datagram_iovec, net/core/datagram.c: data of a TCP segment is
 * copied to its reader */
SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(tcp_to_user, struct sk_buff *packet)
{
	struct sock *socket = packet->sk;

	if (!socket || socket->sk_protocol != IPPROTO_TCP || socket->sk_type != TYPE_STREAM)
		return 0;
	return measure(packet, socket, STAGE_TO_USER, to_user_threshold_ns);
}

/* net/ipv4/udp.c, for IPv6 too: a datagram is about to join its socket's queue
 */
SEC("fentry/__udp_enqueue_schedule_skb")
int BPF_PROG(udp_to_transport, struct sock *socket, struct sk_buff *packet)
{
	return measure(packet, socket, STAGE_TO_TRANSPORT, to_transport_threshold_ns);
}

/* net/ipv4/udp.c, for IPv6 too: a datagram was copied; a mere look at it
 * (MSG_PEEK) has a negative length */
SEC("fentry/skb_consume_udp")
int BPF_PROG(udp_to_user, struct sock *socket, struct sk_buff *packet, int length)
{
	if (length < 0)
		return 0;
	return measure(packet, socket, STAGE_TO_USER, to_user_threshold_ns);
}

/* sock:sk_data_ready, net/core/sock.c: instead of fentry. The newest datagram is last in the queue. */
SEC("tp_btf/sk_data_ready")
int BPF_PROG(udp_data_ready, struct sock *socket)
{
	struct unread_datagram *datagram;
	struct sk_buff *newest;

	if (socket->sk_protocol != IPPROTO_UDP)
		return 0;
	newest = socket->sk_receive_queue.prev;
	/* A reader on another CPU was quicker. */
	if ((void *)newest == (void *)&socket->sk_receive_queue)
		return 0;
	measure(newest, socket, STAGE_TO_TRANSPORT, to_transport_threshold_ns);
	datagram = bpf_sk_storage_get(&unread, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (datagram && !datagram->stamp)
		note_unread(socket, datagram);
	return 0;
}

/* sock:sock_recv_length, net/socket.c: instead of fentry. Something was read, or not. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(udp_was_read, struct sock *socket, int length, int flags)
{
	__u64 threshold = to_user_threshold_ns;
	struct unread_datagram *datagram;
	struct stage_counts *counts;
	__u64 age;

	if (socket->sk_protocol != IPPROTO_UDP || length < 0 || flags & PEEK)
		return 0;
	datagram = bpf_sk_storage_get(&unread, socket, 0, 0);
	if (!datagram)
		return 0;
	if (datagram->stamp) {
		age = age_of(CLOCK_REAL, datagram->stamp);
		counts = counts_of(STAGE_TO_USER);
		if (age >= threshold)
			report_read(socket, datagram, age, threshold, length);
		else if (counts)
			count_duration(&counts->durations, age);
	}
	note_unread(socket, datagram);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
