/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kinds of drops: what drops must have in common to be told by one record and a count. */
#ifndef KERNTEL_DROPWATCH_KIND_H
#define KERNTEL_DROPWATCH_KIND_H

#include "kernel.h"
#include "records.h"
#include "settings.h"
#include "cgroup.h"

/* Of one window. */
#define KIND_SLOTS	4096
/* How far from its place a kind is looked for: at half full, one kind in a thousand finds no room. */
#define KIND_PROBES	8
/* Network namespaces have inode numbers from here on (fs/proc/generic.c, include/linux/proc_ns.h). */
#define FIRST_NAMESPACE 0xeffffff0

/* Random, so that nobody who may choose names and namespaces can make two kinds look like one. */
const volatile __u64 kind_seed = 0;
/* Number of the current window; 0: no windows, every drop by itself. */
SETTING __u64 window = 0;

struct drop_kind {
	kernel_address location;
	cgroup_id cgroup_id;
	__u32 reason;
	__u32 interface_index;
	__u32 netns_inode;
};

/* What became of the first drop of a kind; until that is known, the slot is not whole. */
enum first_drop { FIRST_DROP_IN_WORK, FIRST_DROP_COUNTED, FIRST_DROP_DESCRIBED };

/* The first 32 bytes are all that a counted drop touches. */
struct kind_slot {
	__u64 fingerprint; /* 0: free */
	event_count count;
	__u64 last_jiffies;
	__u64 first_jiffies;
	nanoseconds first;
	kernel_address location;
	cgroup_id cgroup_id;
	opaque_id netns_cookie;
	__u32 reason;
	__u32 interface_index;
	__u32 netns_inode;
	__u32 first_drop; /* enum first_drop, written last */
	char interface[16];
};

/* Fills what is told of the kind when its window ends. */
static __always_inline void found_kind(struct kind_slot *slot, const struct drop_kind *kind,
				       struct net_device *device, struct sock *socket, __u64 now_ns)
{
	slot->first = now_ns;
	slot->first_jiffies = bpf_jiffies64();
	slot->location = kind->location;
	slot->cgroup_id = kind->cgroup_id;
	slot->reason = kind->reason;
	slot->interface_index = kind->interface_index;
	slot->netns_inode = kind->netns_inode;
	slot->netns_cookie = 0;
	slot->interface[0] = 0;
	if (device) {
		bpf_probe_read_kernel_str(slot->interface, sizeof(slot->interface), device->name);
		slot->netns_cookie = device->nd_net.net->net_cookie;
	}
	if (socket)
		slot->netns_cookie = socket->__sk_common.skc_net.net->net_cookie;
}

/* The slot may be told of from here on. */
static __always_inline void finish_slot(struct kind_slot *slot, enum first_drop first_drop)
{
	*(volatile __u32 *)&slot->first_drop = first_drop;
}

/* The current window has one half, the one before the other, until user space has taken it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * KIND_SLOTS);
	__type(key, __u32);
	__type(value, struct kind_slot);
} kinds SEC(".maps");

/* NULL where the field holds something else: in TCP's out-of-order queue it is a tree link. */
static __always_inline struct net_device *packet_device(struct sk_buff *packet)
{
	struct net_device *device = packet->dev;

	if (device && device->nd_net.net->ns.inum >= FIRST_NAMESPACE)
		return device;
	return NULL;
}

/*
 * What `packet_device` found is a device, or else nothing that a record may speak of: the one whose namespace
 * has a loopback device in that same namespace. Asked of the first drop of a kind
 * only, and out of the way of the others.
 */
static __noinline struct net_device *certain_device(struct drop_kind *kind, struct net_device *device,
						    struct sock *socket)
{
	struct net *namespace;

	if (!device)
		return NULL;
	namespace = device->nd_net.net;
	if (namespace->loopback_dev->nd_net.net == namespace)
		return device;
	kind->interface_index = 0;
	if (!socket)
		kind->netns_inode = 0;
	return NULL;
}

/* `kind` comes with reason and location. */
static __always_inline void identify(struct drop_kind *kind, struct net_device *device, struct sock *socket)
{
	if (device) {
		kind->interface_index = device->ifindex;
		kind->netns_inode = device->nd_net.net->ns.inum;
	}
	if (socket) {
		kind->netns_inode = socket->__sk_common.skc_net.net->ns.inum;
		if (has_owner(socket)) {
			struct cgroup *owner = owner_cgroup(socket);

			if (owner)
				kind->cgroup_id = owner->kn->id;
		}
	}
}

static __always_inline __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

/* 63 bits stand for the whole kind: one comparison, and one exchange makes a slot its own. */
static __always_inline __u64 fingerprint_of(const struct drop_kind *kind)
{
	__u64 hash = mix(kind_seed, kind->location);

	hash = mix(hash, kind->cgroup_id);
	hash = mix(hash, (__u64)kind->reason << 32 | kind->interface_index);
	return mix(hash, kind->netns_inode) | 1;
}

/* The slot of a kind in this window, new where `is_first` says so; NULL where there is no room near its
 * place. */
static __always_inline struct kind_slot *find_slot(__u64 fingerprint, __u64 current, bool *is_first)
{
	__u32 place = fingerprint >> 40;
	__u32 half = current & 1 ? KIND_SLOTS : 0;

	for (int probe = 0; probe < KIND_PROBES; probe++) {
		__u32 index = half + ((place + probe) & (KIND_SLOTS - 1));
		struct kind_slot *slot = bpf_map_lookup_elem(&kinds, &index);
		__u64 owner;

		if (!slot)
			return NULL;
		owner = *(volatile __u64 *)&slot->fingerprint;
		if (!owner) {
			owner = __sync_val_compare_and_swap(&slot->fingerprint, 0, fingerprint);
			*is_first = !owner;
			if (!owner)
				return slot;
		}
		if (owner == fingerprint)
			return slot;
	}
	return NULL;
}

#endif
