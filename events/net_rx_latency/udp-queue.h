/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which datagram a socket's reader gets next, for kernels where functions cannot be hooked: what tells of a
 * read there (sock:sock_recv_length) does not tell of what. Datagrams are read in the order they came, so the
 * oldest one is remembered before it is gone.
 */
#ifndef KERNTEL_UDP_QUEUE_H
#define KERNTEL_UDP_QUEUE_H

#include "kernel.h"
#include "packet.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* An IPv6 header and that of UDP; an IPv4 header without options is shorter. */
#define HEADER_BYTES 48

struct unread_datagram {
	__u64 stamp; /* 0: none is known to wait */
	__u8 headers[HEADER_BYTES];
	__be16 ethertype;
	__u8 _pad[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct unread_datagram);
} unread SEC(".maps");

/* NULL where nothing waits: a queue without packets points to itself. */
static __always_inline struct sk_buff *first_of(struct sk_buff_head *queue)
{
	struct sk_buff *first = BPF_CORE_READ(queue, next);

	return (void *)first == (void *)queue ? NULL : first;
}

/* A reader takes the whole queue over and then reads from its own (__skb_recv_udp, net/ipv4/udp.c). */
static __always_inline void note_unread(struct sock *socket, struct unread_datagram *unread)
{
	struct udp_sock *receiver = (void *)socket;
	struct sk_buff *first = first_of(&receiver->reader_queue);
	unsigned char *head;

	if (!first)
		first = first_of(&socket->sk_receive_queue);
	if (!first) {
		unread->stamp = 0;
		return;
	}
	head = BPF_CORE_READ(first, head) + BPF_CORE_READ(first, network_header);
	unread->ethertype = BPF_CORE_READ(first, protocol);
	bpf_probe_read_kernel(unread->headers, HEADER_BYTES, head);
	unread->stamp = BPF_CORE_READ(first, tstamp);
}

#endif
