// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Puts VLAN tags on a packet that the kernel then drops. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MOST_TAGS 4

const volatile __u32 pushed_tags = 0;

/* The first becomes one of the device's, each further one sends the one before into the packet. */
SEC("tc")
int tag(struct __sk_buff *packet)
{
	for (__u32 pushed = 0; pushed < MOST_TAGS && pushed < pushed_tags; pushed++)
		if (bpf_skb_vlan_push(packet, bpf_htons(ETH_P_8021Q), pushed + 1))
			return TC_ACT_SHOT;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
