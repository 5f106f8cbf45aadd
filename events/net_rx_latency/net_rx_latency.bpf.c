// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Received packets that took too long to the stack, to their transport
 * protocol, or to the reader. */
#include "kernel.h"
#include "clocks.h"
#include "in-time.h"
#include "late-report.h"
#include <bpf/bpf_tracing.h>

#define TYPE_STREAM    1
#define PEEK	       2 /* MSG_PEEK: it stays in the queue */
/* Real time since 2006, in nanoseconds, has more bits; time since boot has fewer. */
#define REAL_TIME_BITS 60

SETTING __u64 to_stack_threshold_ns = 5000000;
SETTING __u64 to_transport_threshold_ns = 10000000;
SETTING __u64 to_user_threshold_ns = 115000000;

/* Of the stages; packets of this machine to itself reach the stack with the stamp of another clock. */
struct in_time received_at_stack = {};
struct in_time departed_at_stack = {};
struct in_time at_transport = {};
struct in_time at_user = {};

/* Of its own, because of most packets it is known without it that they are in time. */
static __noinline int measure(struct sk_buff *packet, struct sock *socket, enum latency_stage stage,
			      __u64 threshold, struct in_time *known)
{
	__u64 tick = bpf_jiffies64();
	struct stage_counts *counts;
	__u64 stamp = packet->tstamp;
	__u64 age;

	if (!stamp || !known)
		return 0;
	age = age_of(clock_of(packet), stamp);
	if (age >= threshold)
		return report(packet, socket, stage, age, threshold);
	counts = counts_of(stage);
	if (counts)
		count_durations(&counts->durations, age, sample_weight(known, stamp, tick));
	note_time(known, stamp, age, threshold, tick);
	return 0;
}

static __always_inline bool need_not_be_measured(const struct in_time *known, __u64 stamp, __u64 tick)
{
	return is_in_time(known, stamp, tick) && !is_sample(stamp);
}

/*
 * Hooks look at the ticks first, and only then at what they are told: a register that has to outlive a call
 * costs two instructions.
 *
 * net:netif_receive_skb, net/core/dev.c: the first thing that happens to a packet outside of its driver
 */
SEC("tp_btf/netif_receive_skb")
int to_stack(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	struct sk_buff *packet = (void *)ctx[0];
	__u64 stamp = packet->tstamp;
	struct in_time *known = stamp >> REAL_TIME_BITS ? &received_at_stack : &departed_at_stack;

	/* The compiler must not choose twice. */
	asm volatile("" : "+r"(known));
	if (need_not_be_measured(known, stamp, tick))
		return 0;
	return measure(packet, NULL, STAGE_TO_STACK, to_stack_threshold_ns, known);
}

/* tcp:tcp_probe, net/ipv4/tcp_input.c: a segment for an established connection, also from a socket's backlog.
 * Told of the socket and the packet. */
SEC("tp_btf/tcp_probe")
int tcp_to_transport(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	struct sk_buff *packet = (void *)ctx[1];

	if (need_not_be_measured(&at_transport, packet->tstamp, tick))
		return 0;
	return measure(packet, (void *)ctx[0], STAGE_TO_TRANSPORT, to_transport_threshold_ns, &at_transport);
}

/* skb:skb_copy_datagram_iovec, net/core/datagram.c: data of a TCP segment is copied to its reader */
SEC("tp_btf/skb_copy_datagram_iovec")
int tcp_to_user(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	struct sk_buff *packet = (void *)ctx[0];
	struct sock *socket;

	/* Who is in time is not counted either, whoever reads it. */
	if (need_not_be_measured(&at_user, packet->tstamp, tick))
		return 0;
	socket = packet->sk;
	if (!socket || socket->sk_protocol != IPPROTO_TCP || socket->sk_type != TYPE_STREAM)
		return 0;
	return measure(packet, socket, STAGE_TO_USER, to_user_threshold_ns, &at_user);
}

/* net/ipv4/udp.c, for IPv6 too: a datagram is about to join its socket's queue */
SEC("fentry/__udp_enqueue_schedule_skb")
int udp_to_transport(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	struct sk_buff *packet = (void *)ctx[1];

	if (need_not_be_measured(&at_transport, packet->tstamp, tick))
		return 0;
	return measure(packet, (void *)ctx[0], STAGE_TO_TRANSPORT, to_transport_threshold_ns, &at_transport);
}

/* net/ipv4/udp.c, for IPv6 too: a datagram was copied; a mere look at it (MSG_PEEK) has a negative length. */
SEC("fentry/skb_consume_udp")
int udp_to_user(const __u64 *ctx)
{
	__u64 tick = bpf_jiffies64();
	struct sk_buff *packet = (void *)ctx[1];
	int length = ctx[2];

	if (length < 0 || need_not_be_measured(&at_user, packet->tstamp, tick))
		return 0;
	return measure(packet, (void *)ctx[0], STAGE_TO_USER, to_user_threshold_ns, &at_user);
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
	if (!need_not_be_measured(&at_transport, newest->tstamp, bpf_jiffies64()))
		measure(newest, socket, STAGE_TO_TRANSPORT, to_transport_threshold_ns, &at_transport);
	datagram = bpf_sk_storage_get(&unread, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (datagram && !datagram->stamp)
		note_unread(socket, datagram);
	return 0;
}

static __always_inline void measure_read(struct sock *socket, struct unread_datagram *datagram, int length)
{
	__u64 threshold = to_user_threshold_ns;
	__u64 tick = bpf_jiffies64();
	__u64 stamp = datagram->stamp;
	__u64 age = age_of(CLOCK_REAL, stamp);
	struct stage_counts *counts = counts_of(STAGE_TO_USER);

	if (age >= threshold) {
		report_read(socket, datagram, age, threshold, length);
		return;
	}
	if (counts)
		count_durations(&counts->durations, age, sample_weight(&at_user, stamp, tick));
	note_time(&at_user, stamp, age, threshold, tick);
}

/* sock:sock_recv_length, net/socket.c: instead of fentry. Something was read, or not. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(udp_was_read, struct sock *socket, int length, int flags)
{
	struct unread_datagram *datagram;

	if (socket->sk_protocol != IPPROTO_UDP || length < 0 || flags & PEEK)
		return 0;
	datagram = bpf_sk_storage_get(&unread, socket, 0, 0);
	if (!datagram)
		return 0;
	if (datagram->stamp && !need_not_be_measured(&at_user, datagram->stamp, bpf_jiffies64()))
		measure_read(socket, datagram, length);
	note_unread(socket, datagram);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
