/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* As kernel.h, for those who look into TCP and UDP. */
#ifndef KERNTEL_KERNEL_TCP_H
#define KERNTEL_KERNEL_TCP_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/net/request_sock.h, include/linux/tcp.h: a connection that is not one yet */
struct request_sock {
	struct sock_common __req_common;
	__u8 num_timeout : 7;
	__u32 timeout;
};

struct inet_request_sock {
	struct request_sock req;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	__u32 snt_isn;
};

/* include/net/inet_connection_sock.h, include/linux/tcp.h */
struct inet_connection_sock {
	__u32 icsk_rto;
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits;
	__u8 icsk_pending;
};

struct tcp_sock {
	__u32 srtt_us;
	__u32 snd_cwnd;
	__u32 total_retrans;
};

/* include/linux/udp.h */
struct udp_sock {
	struct sk_buff_head reader_queue;
};

/* include/net/tcp.h: what TCP keeps in the control block of a packet */
struct tcp_skb_cb {
	__u32 seq;
	__u32 end_seq;
	__u16 tcp_gso_segs;
};

/* include/linux/skbuff.h */
struct skb_shared_info {
	unsigned short gso_size;
	unsigned short gso_segs;
};

/* 5.18 to 6.9 */
struct sk_buff___delivery {
	__u8 mono_delivery_time : 1;
};

#pragma clang attribute pop

#endif
