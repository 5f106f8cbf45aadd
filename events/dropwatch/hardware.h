/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Packets that hardware dropped, or could not forward, and that its driver shows to the kernel: devlink
 * traps. */
#ifndef KERNTEL_DROPWATCH_HARDWARE_H
#define KERNTEL_DROPWATCH_HARDWARE_H

#include "kernel-devlink.h"
#include "window.h"
#include "describe.h"
#include "interpret.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Where a drop of the kernel has its reason; then `location` is where the trap's name is. */
#define HARDWARE_REASON	 0xffffffff
#define TRAP_NAME_BYTES	 48
#define TRAP_GROUP_BYTES 32
/* Of all drivers of a machine: devlink itself knows a hundred, a driver adds some ten. */
#define TRAPS		 512
/* The last of the rules: what is no drop but a packet for the kernel, as ARP and LACP are for a switch. */
#define RULE_CONTROL	 (RULES - 1)

SETTING __u32 watch_hardware = 1;

/* By its names and not by its address: a driver may be loaded again. */
struct trap {
	char name[TRAP_NAME_BYTES];
	char group[TRAP_GROUP_BYTES];
	char device[TRAP_GROUP_BYTES];
	__u32 type;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, TRAPS);
	__type(key, struct trap);
	__type(value, __u64);
} trap_counts SEC(".maps");

/* What the address in a record or a summary stands for. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRAPS);
	__type(key, __u64);
	__type(value, struct trap);
} traps SEC(".maps");

static __always_inline void read_trap(struct trap *trap, struct devlink *devlink,
				      const struct devlink_trap_metadata *metadata)
{
	bpf_probe_read_kernel_str(trap->name, sizeof(trap->name), metadata->trap_name);
	bpf_probe_read_kernel_str(trap->group, sizeof(trap->group), metadata->trap_group_name);
	if (bpf_core_field_exists(devlink->dev))
		bpf_probe_read_kernel_str(trap->device, sizeof(trap->device),
					  BPF_CORE_READ(devlink, dev, kobj.name));
	trap->type = metadata->trap_type;
}

static __always_inline void count_trap(const struct trap *trap)
{
	__u64 *count = bpf_map_lookup_elem(&trap_counts, trap);
	__u64 zero = 0;

	if (!count) {
		bpf_map_update_elem(&trap_counts, trap, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&trap_counts, trap);
	}
	if (count)
		(*count)++;
}

/* A driver that did not give the packet to the stack yet has set no network header: the packet begins with
 * it. */
static __always_inline void describe_trapped_flow(struct dropwatch_record *record, struct sk_buff *packet)
{
	__u32 offset = has_network_header(packet) ? packet->network_header : data_offset(packet);
	struct flow flow = {};

	record->has_flow = read_flow_from(&flow, packet, offset);
	put_flow(record, &flow);
}

static __always_inline bool describe_trapped(const struct drop_kind *kind, struct sk_buff *packet,
					     struct net_device *port, __u64 now_ns,
					     struct event_counters *count)
{
	struct dropwatch_record *record = RESERVE_RECORD(dropwatch_record, count);

	if (!record)
		return false;
	record->time = now_ns;
	record->location = kind->location;
	record->reason = kind->reason;
	record->interface_index = kind->interface_index;
	record->netns_inode = kind->netns_inode;
	record->length_bytes = packet->len;
	record->cpu = bpf_get_smp_processor_id();
	if (port) {
		bpf_probe_read_kernel_str(record->interface, sizeof(record->interface), port->name);
		record->netns_cookie = port->nd_net.net->net_cookie;
	}
	describe_trapped_flow(record, packet);
	bpf_ringbuf_submit(record, 0);
	return true;
}

/* As `handle` does for the kernel's own drops. */
static __always_inline void tell_trapped(struct drop_kind *kind, const struct trap *trap,
					 struct sk_buff *packet, struct net_device *port,
					 struct drop_counts *own, struct event_counters *count)
{
	__u64 current = window, now_ns;
	struct kind_slot *slot;
	bool is_first = false;

	slot = current ? find_slot(fingerprint_of(kind), current, &is_first) : NULL;
	if (slot) {
		slot->last_jiffies = bpf_jiffies64();
		__sync_fetch_and_add(&slot->count, 1);
		if (!is_first) {
			count->aggregated++;
			return;
		}
	} else if (current) {
		own->unsummarized++;
	}
	now_ns = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&traps, &kind->location, trap, BPF_ANY);
	if (slot)
		found_kind(slot, kind, port, NULL, now_ns);
	if (may_describe(port, NULL, now_ns)) {
		bool is_described = describe_trapped(kind, packet, port, now_ns, count);

		if (is_described)
			known_window = current;
		if (slot)
			finish_slot(slot, is_described ? FIRST_DROP_DESCRIBED : FIRST_DROP_COUNTED);
	} else if (slot) {
		count->aggregated++;
		finish_slot(slot, FIRST_DROP_COUNTED);
		notice_window(current, now_ns);
	} else {
		count->suppressed++;
	}
}

/*
 * devlink:devlink_trap_report, net/devlink/trap.c: called for every packet that a trap brings to the kernel,
 * as soon as somebody is attached; no drop monitor has to run.
 */
SEC("tp_btf/devlink_trap_report")
int BPF_PROG(trap_report, struct devlink *devlink, struct sk_buff *packet,
	     struct devlink_trap_metadata *metadata)
{
	struct drop_kind kind = {.location = (__u64)metadata->trap_name, .reason = HARDWARE_REASON};
	struct event_counters *count = own_counters();
	struct drop_counts *own = own_drop_counts();
	struct net_device *port = metadata->input_dev;
	__u32 in_force = filter_in_force;
	struct trap trap = {};

	if (!count || !own || !watch_hardware)
		return 0;
	count->seen++;
	if (metadata->trap_type == DEVLINK_TRAP_TYPE_CONTROL) {
		count->filtered++;
		own->rules[RULE_CONTROL]++;
		return 0;
	}
	read_trap(&trap, devlink, metadata);
	count_trap(&trap);
	if (in_force && !wants_packet(packet, in_force)) {
		count->filtered++;
		own->rules[0]++;
		return 0;
	}
	if (port) {
		kind.interface_index = port->ifindex;
		kind.netns_inode = port->nd_net.net->ns.inum;
	}
	tell_trapped(&kind, &trap, packet, port, own, count);
	return 0;
}

#endif
