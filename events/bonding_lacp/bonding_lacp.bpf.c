// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* States of ports of 802.3ad bonds, as the bonding driver holds them from one step of its machines to the
 * next. */
#include "kernel.h"
#include "kernel-bonding.h"
#include "records.h"
#include <asm/ptrace.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * So many changes of a port may be told within a tenth of a second because LACPDUs came: three a second are
 * due, and one who sends thousands must not fill the log. What is left out is told at the end of that time,
 * as it then is.
 */
const volatile __u32 hasty_max = 4;

/* The network namespace whose interfaces user space follows. */
const volatile __u32 netns_inode = 0;

struct bonding_lacp_record {
	record_kind record_kind;
	nanoseconds time;
	__u32 interface_index;
	__u32 bond_index;
	__u16 aggregator_id;
	__u16 partner_key;
	__u16 partner_port;
	__u8 actor_state;
	__u8 partner_state;
	__u8 actor_churn;
	__u8 partner_churn;
	__u8 partner_address[6];
};
EVENT(bonding_lacp_record);

struct told_state {
	__u32 states;
	/* How many were told out of turn, since the last regular step. */
	__u32 hasty;
};

/* By index of the port's interface. A port that is pushed out of it is told once more, which changes nothing.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct told_state);
} told SEC(".maps");

static __always_inline bool submit(struct ad_slave_info *info, struct event_counters *count, __u32 index,
				   __u32 states)
{
	struct bonding_lacp_record *record;

	count->seen++;
	record = RESERVE_RECORD(bonding_lacp_record, count);
	if (!record)
		return false;
	record->time = bpf_ktime_get_boot_ns();
	record->interface_index = index;
	record->bond_index = BPF_CORE_READ(info, port.slave, bond, dev, ifindex);
	record->actor_state = states;
	record->partner_state = states >> 8;
	record->aggregator_id = states >> 16;
	record->partner_key = BPF_CORE_READ(info, port.partner_oper.key);
	record->partner_port = BPF_CORE_READ(info, port.partner_oper.port_number);
	record->actor_churn = BPF_CORE_READ(info, port.sm_churn_actor_state);
	record->partner_churn = BPF_CORE_READ(info, port.sm_churn_partner_state);
	BPF_CORE_READ_INTO(&record->partner_address, info, port.partner_oper.system.mac_addr_value);
	bpf_ringbuf_submit(record, 0);
	return true;
}

/*
 * drivers/net/bonding/bond_3ad.c: the first of a port's machines, with the bond's lock held. It runs ten
 * times a second, then without an LACPDU, and at each LACPDU; so what any of them set is still there at the
 * next run.
 */
SEC("kprobe/ad_rx_machine")
int BPF_KPROBE(ad_rx_machine, const void *lacpdu, const void *port)
{
	struct ad_slave_info *info = (void *)port - bpf_core_field_offset(((struct ad_slave_info *)0)->port);
	struct net_device *device = BPF_CORE_READ(info, port.slave, dev);
	struct event_counters *count = own_counters();
	struct told_state *before, now = {};
	__u32 index;

	if (!count || BPF_CORE_READ(device, nd_net.net, ns.inum) != netns_inode)
		return 0;
	index = BPF_CORE_READ(device, ifindex);
	now.states = BPF_CORE_READ(info, port.actor_oper_port_state) |
		     (BPF_CORE_READ(info, port.partner_oper.port_state) & 0xff) << 8 |
		     (__u32)BPF_CORE_READ(info, port.aggregator, aggregator_identifier) << 16;
	before = bpf_map_lookup_elem(&told, &index);
	if (before && !lacpdu)
		before->hasty = 0;
	if (before && before->states == now.states)
		return 0;
	if (before && lacpdu && before->hasty >= hasty_max) {
		count->seen++;
		count->suppressed++;
		return 0;
	}
	if (before && lacpdu)
		now.hasty = before->hasty + 1;
	/* One that the ring has no space for is told at the next run. */
	if (submit(info, count, index, now.states))
		bpf_map_update_elem(&told, &index, &now, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
