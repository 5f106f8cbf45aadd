/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of packets, sockets and interfaces; a part of kernel.h. */
#ifndef KERNTEL_KERNEL_NET_H
#define KERNTEL_KERNEL_NET_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/net/net_namespace.h */
struct ns_common {
	unsigned int inum;
};

struct net_device;

/* include/linux/user_namespace.h */
struct user_namespace {
	struct user_namespace *parent;
	int level; /* 0: the initial one */
	kuid_t owner;
};

struct net {
	struct ns_common ns;
	struct user_namespace *user_ns; /* in which it was made */
	__u64 net_cookie;
	struct net_device *loopback_dev;
};

typedef struct {
	struct net *net;
} possible_net_t;

/* include/linux/netdevice.h */
struct net_device {
	char name[16];
	int ifindex;
	possible_net_t nd_net;
};

/* include/net/sock.h; the suffix keeps the address apart from the one in <linux/in6.h> */
struct in6_addr___kernel {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr___kernel skc_v6_daddr;
	struct in6_addr___kernel skc_v6_rcv_saddr;
};

struct sk_buff;

struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	struct mem_cgroup *sk_memcg;
	__u16 sk_type;
	__u16 sk_protocol;
	kuid_t sk_uid;
	struct sock_cgroup_data sk_cgrp_data;
};

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

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	__u64 tstamp;
	char cb[48];
	unsigned int len;
	int skb_iif;
	__be16 vlan_proto;
	__u16 vlan_tci;
	__be16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	__u8 tstamp_type : 2; /* 6.10: which clock `tstamp` was taken from */
	__u32 tail;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
};

/* 5.18 to 6.9 */
struct sk_buff___delivery {
	__u8 mono_delivery_time : 1;
};

#pragma clang attribute pop

#endif
