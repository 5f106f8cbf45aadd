/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What one user may have reported: cgroups in a directory that root has given away, and network namespaces.
 * Both can be made some ten thousand times a second; each record costs ring space and time in user space.
 */
#ifndef KERNTEL_BUDGET_H
#define KERNTEL_BUDGET_H

#include "kernel.h"
#include "cgroup.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* A rootless container makes some four cgroups and two namespaces: a dozen may start each second, and some
 * sixty at once. */
const volatile __u64 budget_interval_ns = 20000000; /* 50 a second */
const volatile __u64 budget_burst_ns = 5100000000;  /* 256 at once */
/* Who has a budget: directories and users to whom root gave something, which nobody makes by himself. */
#define BUDGETS	    1024
/* Cgroups of users that were reported, so that their removal is reported too: as many as user space keeps. */
#define REPORTED    4096
/* Above this depth all have one budget: else a deep path would hide whose it is. */
#define LEVELS	    64
/* create_user_ns(), kernel/user_namespace.c: "level > 32" is refused. */
#define USER_LEVELS 33

struct budget_key {
	__u64 id;
	__u32 hierarchy; /* of a cgroup; else OF_NAMESPACES, and `id` is a user's */
	__u32 _pad;
};
#define OF_NAMESPACES 0xffffffff

/* When the next one would be due if they came evenly (as bpf/include/limit.h). */
struct budget {
	__u64 made_due_ns;
	__u64 removed_due_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, BUDGETS);
	__type(key, struct budget_key);
	__type(value, struct budget);
} budgets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, REPORTED);
	__type(key, struct budget_key);
	__type(value, __u8);
} reported SEC(".maps");

/* Whose directory a cgroup is in. */
struct delegate {
	__u64 id; /* of the topmost directory on the way to it that is not root's; 0 where all are */
	__u32 uid;
	bool is_too_deep;
};

/* By typed pointers, which cost a tenth of what probes cost. The tracepoint's caller holds the cgroup and all
 * above it. */
static __always_inline __u32 directory_uid(struct kernfs_node *node)
{
	struct kernfs_iattrs *attributes = node->iattr;

	/* Nothing is kept of a directory that root made and nobody changed. */
	return attributes ? attributes->ia_uid.val : 0;
}

static __always_inline struct kernfs_node *directory_above(struct kernfs_node *node)
{
	struct kernfs_node___rcu_parent *renamed = (void *)node;
	struct kernfs_node *above;

	/* One load in each branch: a choice of two offsets would hold the one that this kernel does not have.
	 */
	if (bpf_core_field_exists(renamed->__parent)) {
		above = (void *)renamed->__parent;
		asm volatile("" : "+r"(above));
	} else {
		above = node->parent;
		asm volatile("" : "+r"(above));
	}
	return above;
}

/* What a user makes below a directory of his is his at any depth, whatever user identity he makes it under.
 */
static __always_inline struct delegate find_delegate(struct cgroup *cgroup)
{
	struct kernfs_node *node = cgroup->kn;
	struct delegate delegate = {};

	for (int level = 0; level < LEVELS && node; level++) {
		__u32 uid = directory_uid(node);

		if (uid) {
			delegate.uid = uid;
			delegate.id = node->id;
		}
		node = directory_above(node);
	}
	delegate.is_too_deep = node;
	return delegate;
}

/*
 * Who made the outermost user namespace around a network namespace; root where it is in none, or root made
 * it. Those further in may have been made under any of the user's subordinate identities.
 */
static __always_inline __u32 namespace_uid(struct net *namespace)
{
	struct user_namespace *user = BPF_CORE_READ(namespace, user_ns);

	for (int level = 0; level < USER_LEVELS && BPF_CORE_READ(user, level) > 1; level++)
		user = BPF_CORE_READ(user, parent);
	return BPF_CORE_READ(user, owner.val);
}

static __always_inline struct budget *find_budget(__u64 id, __u32 hierarchy)
{
	struct budget_key key = {.id = id, .hierarchy = hierarchy};
	struct budget *budget = bpf_map_lookup_elem(&budgets, &key);
	struct budget full = {};

	if (budget)
		return budget;
	bpf_map_update_elem(&budgets, &key, &full, BPF_NOEXIST);
	return bpf_map_lookup_elem(&budgets, &key);
}

/* Losing the exchange twice means that other CPUs took of it meanwhile. */
static __always_inline bool take_from_budget(__u64 *due_ns, __u64 now_ns)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		__u64 due = *(volatile __u64 *)due_ns;
		__u64 start = due > now_ns ? due : now_ns;

		if (start - now_ns > budget_burst_ns)
			return false;
		if (__sync_val_compare_and_swap(due_ns, due, start + budget_interval_ns) == due)
			return true;
	}
	return false;
}

#endif
