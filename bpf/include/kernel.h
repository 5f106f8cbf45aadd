/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The few kernel structs that programs read, each with only the fields we touch. CO-RE moves every access to
 * where the running kernel has the field, so nothing here depends on a version, an architecture, or on a
 * kernel's BTF being at hand when compiling. A `___suffix` is a variant of the same kernel struct.
 */
#ifndef KERNTEL_KERNEL_H
#define KERNTEL_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	unsigned int val;
} kuid_t;

/* include/linux/kernfs.h; `parent` became `__parent` in 6.15 */
struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	__u64 id;
};

struct kernfs_node___rcu_parent {
	struct kernfs_node___rcu_parent *__parent;
};

/* include/linux/cgroup-defs.h */
enum cgroup_subsys_id {
	memory_cgrp_id,
	cpu_cgrp_id,
	pids_cgrp_id,
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

/* include/linux/page_counter.h, memcontrol.h */
struct page_counter {
	atomic_long_t usage;
	unsigned long max;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};

/* block/blk-cgroup.h, include/linux/blk_types.h, blk-mq.h */
struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg *blkcg;
};

struct bio {
	struct blkcg_gq *bi_blkg;
};

struct request {
	struct bio *bio;
};

/* include/linux/mm_types.h; resident set counters became per-CPU in 6.2 */
struct percpu_counter {
	__s64 count;
};

struct mm_struct {
	unsigned long total_vm;
	atomic_long_t pgtables_bytes;
};

struct mm_struct___percpu {
	struct percpu_counter rss_stat[4];
};

struct mm_rss_stat {
	atomic_long_t count[4];
};

struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};

/* include/linux/sched.h */
struct cred {
	kuid_t uid;
};

struct signal_struct {
	short oom_score_adj;
};

struct cfs_rq;

struct sched_entity {
	__u64 exec_start;
	struct cfs_rq *cfs_rq;
};

struct thread_info {
	__u32 cpu;
};

struct pid;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	struct sched_entity se;
	int pid;
	int tgid;
	char comm[16];
	unsigned long nvcsw;
	unsigned long nivcsw;
	__u64 start_boottime;
	struct pid *thread_pid;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *real_cred;
	struct css_set *cgroups;
	unsigned long blocker; /* since 6.16 */
	struct nsproxy *nsproxy;
	struct task_struct *real_parent;
};

/* kernel/bpf/task_iter.c */
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* include/linux/nsproxy.h */
struct net;

struct nsproxy {
	struct net *net_ns;
};

/* include/linux/oom.h */
enum oom_constraint {
	CONSTRAINT_NONE,
	CONSTRAINT_CPUSET,
	CONSTRAINT_MEMORY_POLICY,
	CONSTRAINT_MEMCG,
};

struct oom_control {
	enum oom_constraint constraint;
};

/* include/net/net_namespace.h */
struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
	__u64 net_cookie;
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

struct sock {
	struct sock_common __sk_common;
	struct mem_cgroup *sk_memcg;
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
	__u32 tail;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
};

#pragma clang attribute pop

#endif
