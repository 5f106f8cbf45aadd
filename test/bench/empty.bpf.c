// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a hook costs by itself: the unit that programs on the same hook are compared with. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EMPTY(hook, name)                                                                                    \
	SEC("tp_btf/" hook) int BPF_PROG(name)                                                               \
	{                                                                                                    \
		return 0;                                                                                    \
	}

EMPTY("kfree_skb", empty_drop)
EMPTY("softirq_raise", empty_raise)
EMPTY("softirq_entry", empty_entry)
EMPTY("softirq_exit", empty_exit)
EMPTY("mm_vmscan_memcg_reclaim_begin", empty_reclaim_begin)
EMPTY("mm_vmscan_memcg_reclaim_end", empty_reclaim_end)
EMPTY("netif_receive_skb", empty_receive)
EMPTY("tcp_probe", empty_transport)
EMPTY("skb_copy_datagram_iovec", empty_copy)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
