/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Whose doing it is: the container, the unit of systemd or the user that a cgroup or a network namespace
 * belongs to. */
#ifndef KERNTEL_TENANT_H
#define KERNTEL_TENANT_H

#include "kernel.h"
#include "cgroup.h"
#include "tenant-maps.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* What is nested deeper than this below everything that is known shares one bucket: depth is no way out. */
#define TENANT_LEVELS	 32
/* include/linux/user_namespace.h: a user namespace is at most 33 levels below the initial one. */
#define USER_NAMESPACES	 33
/* By the upper bits of a hash. */
#define KNOWN_BITS	 8
/* What user space says about a cgroup holds from so much later on. */
#define KNOWN_FOR_NS	 (1ULL << 30)
#define OF_VERSION1	 (1ULL << 63)
#define TENANT_HASH_MULT 0x9e3779b97f4a7c15ULL

static __always_inline __u64 make_tenant(enum tenant_kind kind, __u64 number)
{
	return (__u64)kind << TENANT_KIND_SHIFT | number;
}

static __always_inline enum tenant_kind kind_of_tenant(__u64 tenant)
{
	return tenant >> TENANT_KIND_SHIFT;
}

/* Where something happened; 0 where there is no such thing. */
struct tenant_place {
	__u64 cgroup;		  /* its id, with OF_VERSION1 where it is not in the unified hierarchy */
	struct kernfs_node *node; /* of that cgroup */
	__u64 cookie;		  /* of the network namespace */
	struct net *namespace;
};

/*
 * Who made the outermost of the user namespaces above a network namespace, with the rights of the machine: in
 * those below, one user has many uids.
 */
static __always_inline __u32 namespace_owner(struct net *namespace)
{
	struct user_namespace *users = BPF_CORE_READ(namespace, user_ns);
	__u32 owner = 0;

	for (int level = 0; level < USER_NAMESPACES && users && BPF_CORE_READ(users, level); level++) {
		owner = BPF_CORE_READ(users, owner.val);
		users = BPF_CORE_READ(users, parent);
	}
	return owner;
}

/*
 * The nearest known directory at or above `node`. Where there is none: the owner of the uppermost directory
 * that is not root's, which is the one that root handed over; below it, one user may have many uids.
 */
static __always_inline __u64 cgroup_tenant_of(struct kernfs_node *node, __u64 version1, __u64 *owner)
{
	for (int level = 0; level < TENANT_LEVELS && node; level++) {
		__u64 key = BPF_CORE_READ(node, id) | version1;
		__u64 *tenant = bpf_map_lookup_elem(&tenants, &key);
		struct kernfs_iattrs *attributes;
		__u32 uid;

		if (tenant)
			return *tenant;
		attributes = BPF_CORE_READ(node, iattr);
		uid = attributes ? BPF_CORE_READ(attributes, ia_uid.val) : 0;
		if (uid)
			*owner = make_tenant(TENANT_USER, uid);
		node = parent_directory(node);
	}
	if (node)
		*owner = make_tenant(TENANT_DEEP, 0);
	return 0;
}

/*
 * A container's cgroup or namespace decides; then a namespace that a user made, because daemons do things on
 * behalf of users in cgroups of their own; then unit and user by the cgroup. A global function of numbers, so
 * that the verifier looks at it once and not on each of the many ways to it.
 */
__noinline __u64 find_tenant(__u64 cgroup, __u64 node, __u64 cookie, __u64 namespace)
{
	__u64 owner = make_tenant(TENANT_USER, 0);
	__u64 found = cgroup_tenant_of((void *)node, cgroup & OF_VERSION1, &owner);
	__u64 *by_namespace;
	__u32 uid;

	if (!namespace || kind_of_tenant(found) == TENANT_CONTAINER)
		return found ? found : owner;
	by_namespace = bpf_map_lookup_elem(&net_tenants, &cookie);
	if (by_namespace)
		return *by_namespace;
	uid = namespace_owner((void *)namespace);
	if (uid)
		return make_tenant(TENANT_USER, uid);
	return found ? found : owner;
}

/*
 * Answers of the last second. Nothing locks an entry: `check` is the hash of the place, with the other two
 * words folded in, so that an entry of which two CPUs wrote a half each is none at all.
 */
struct known_tenant {
	__u64 check;
	__u64 tenant;
	__u64 until_ns;
};

struct known_tenant known_tenants[1 << KNOWN_BITS] = {};

/* Ids and cookies count up from boot, so that no two places that there are have the same hash. */
static __always_inline __u64 hash_place(const struct tenant_place *place)
{
	return (place->cgroup ^ place->cookie << 32) * TENANT_HASH_MULT;
}

/* To the verifier, what is copied by a probe is no pointer any more, which a global function would not take.
 */
static __always_inline __u64 find_tenant_at(const struct tenant_place *place)
{
	struct {
		__u64 cgroup;
		__u64 node;
		__u64 cookie;
		__u64 namespace;
	} numbers;

	bpf_probe_read_kernel(&numbers, sizeof(numbers), place);
	return find_tenant(numbers.cgroup, numbers.node, numbers.cookie, numbers.namespace);
}

static __always_inline __u64 tenant_at(const struct tenant_place *place, __u64 now_ns)
{
	__u64 hash = hash_place(place);
	struct known_tenant *known = &known_tenants[hash >> (64 - KNOWN_BITS)];
	__u64 tenant = *(volatile __u64 *)&known->tenant;
	__u64 until_ns = *(volatile __u64 *)&known->until_ns;

	if (now_ns < until_ns && (known->check ^ tenant ^ until_ns) == hash)
		return tenant;
	tenant = find_tenant_at(place);
	until_ns = now_ns + KNOWN_FOR_NS;
	known->tenant = tenant;
	known->until_ns = until_ns;
	known->check = hash ^ tenant ^ until_ns;
	return tenant;
}

/* By plain loads, of a cgroup whose type the verifier knows: they cost a tenth of probes. */
static __always_inline void place_in_cgroup(struct tenant_place *place, struct cgroup *cgroup)
{
	struct kernfs_node *node = cgroup->kn;

	place->node = node;
	place->cgroup = node->id;
	if (cgroup->root->hierarchy_id)
		place->cgroup |= OF_VERSION1;
}

static __always_inline void place_in_namespace(struct tenant_place *place, struct net *namespace)
{
	place->namespace = namespace;
	place->cookie = namespace->net_cookie;
}

/* A whole socket, with its owner (`has_owner`). */
static __always_inline void place_of_socket(struct tenant_place *place, struct sock *socket)
{
	struct cgroup *owner = owner_cgroup(socket);

	if (owner)
		place_in_cgroup(place, owner);
	place_in_namespace(place, socket->__sk_common.skc_net.net);
}

#endif
