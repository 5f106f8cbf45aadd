/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How long waits were, by kind and cgroup. User space adds up the cgroups of a container. */
#ifndef KERNTEL_MEMRECLAIM_DURATIONS_H
#define KERNTEL_MEMRECLAIM_DURATIONS_H

#include "kernel.h"
#include "cgroup.h"
#include "histogram.h"
#include "stalls.h"

/* Cgroups that are short of memory at the same time; what comes beyond them is counted apart. */
#define CGROUPS 1024

struct duration_key {
	__u64 cgroup_id;
	__u64 kind;
};

/* All that is in directories of users counts under this one: they make as many cgroups as they like. */
#define OF_USERS    0
/* Directories above a cgroup that are looked at; a user's own is among the topmost. */
#define DIRECTORIES 32

/* Memory is only taken for what is used: a histogram takes 224 bytes on each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, (CGROUPS + 1) * KINDS);
	__type(key, struct duration_key);
	__type(value, struct duration_histogram);
} durations SEC(".maps");

/* Of cgroups that found no room. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, struct duration_histogram);
} other_durations SEC(".maps");

struct counted_cgroup {
	__u64 hierarchy;  /* ids of version 1 hierarchies may be the same; 0: the path is being read */
	__u64 removed_ns; /* 0: it is there */
	cgroup_path path;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, CGROUPS);
	__type(key, __u64);
	__type(value, struct counted_cgroup);
} cgroups SEC(".maps");

/* Too large for the stack; nobody writes here. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counted_cgroup);
} empty_cgroup SEC(".maps");

/* As task_cgroup, by typed pointers: it runs at the end of nearly every wait, and plain loads cost a tenth of
 * probes. */
static __always_inline struct cgroup *stalled_cgroup(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *own = set->dfl_cgrp;
	struct cgroup_subsys_state *memory;
	struct cgroup *owner;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return own;
	memory = set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)];
	owner = memory->cgroup;
	return owner->root != own->root ? owner : own;
}

/* Whether a directory on the way to this one is not root's; verified once, because it is called rarely. A
 * path that is too deep to be seen whole is nobody's that could have a series. */
__noinline int is_of_user(__u64 address)
{
	struct kernfs_node *node = (void *)address;

	for (int level = 0; level < DIRECTORIES && node; level++) {
		struct kernfs_iattrs *attributes = BPF_CORE_READ(node, iattr);

		if (attributes && BPF_CORE_READ(attributes, ia_uid.val))
			return 1;
		node = parent_directory(node);
	}
	return node ? 1 : 0;
}

static __always_inline bool note_cgroup(struct cgroup *cgroup, __u64 id)
{
	struct counted_cgroup *noted = bpf_map_lookup_elem(&cgroups, &id);
	struct counted_cgroup *empty;
	__u32 zero = 0;

	if (noted)
		return true;
	empty = bpf_map_lookup_elem(&empty_cgroup, &zero);
	if (!empty || bpf_map_update_elem(&cgroups, &id, empty, BPF_NOEXIST))
		return false;
	noted = bpf_map_lookup_elem(&cgroups, &id);
	if (!noted)
		return false;
	read_cgroup_path(cgroup, noted->path);
	noted->hierarchy = (__u64)BPF_CORE_READ(cgroup, root);
	return true;
}

static __always_inline struct duration_histogram *open_series(struct cgroup *cgroup, struct duration_key *key)
{
	struct duration_histogram empty = {};
	bool is_noted = true;

	if (is_of_user((__u64)BPF_CORE_READ(cgroup, kn)))
		key->cgroup_id = OF_USERS;
	else
		is_noted = note_cgroup(cgroup, key->cgroup_id);
	if (is_noted)
		bpf_map_update_elem(&durations, key, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&durations, key);
}

static __always_inline void count_stall(struct cgroup *cgroup, __u64 cgroup_id, enum kind kind,
					__u64 duration_ns)
{
	struct duration_key key = {.cgroup_id = cgroup_id, .kind = kind};
	struct duration_histogram *histogram = bpf_map_lookup_elem(&durations, &key);
	__u32 index = kind;

	if (!histogram)
		histogram = open_series(cgroup, &key);
	if (!histogram)
		histogram = bpf_map_lookup_elem(&other_durations, &index);
	if (histogram)
		count_duration(histogram, duration_ns);
}

/* User space ends the series of what is gone, and frees its place. */
static __always_inline int note_removal(struct cgroup *cgroup)
{
	__u64 id = cgroup->kn->id;
	struct counted_cgroup *noted = bpf_map_lookup_elem(&cgroups, &id);

	if (noted && noted->hierarchy == (__u64)cgroup->root)
		noted->removed_ns = bpf_ktime_get_boot_ns();
	return 0;
}

#endif
