// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a hook costs by itself: the unit that programs on the same hook are compared with. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/kfree_skb")
int BPF_PROG(empty_drop)
{
	return 0;
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(empty_receive)
{
	return 0;
}

SEC("tp_btf/softirq_raise")
int BPF_PROG(empty_raise)
{
	return 0;
}

SEC("tp_btf/tcp_probe")
int BPF_PROG(empty_transport)
{
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(empty_entry)
{
	return 0;
}

SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(empty_copy)
{
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(empty_exit)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
