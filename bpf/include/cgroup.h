/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which cgroup: the id and the whole path, taken while the cgroup certainly still exists. */
#ifndef KERNTEL_CGROUP_H
#define KERNTEL_CGROUP_H

#include "kernel.h"
#include "event.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* A pod's container is five levels deep and some 250 bytes long; nested container managers add four levels.
 */
#define CGROUP_PATH_BYTES 512
#define CGROUP_LEVELS	  10
#define CGROUP_NAME_BYTES 128

/* Names from the leaf up, each followed by '/'; user space turns them round. The root alone is "/". */
typedef char cgroup_path[CGROUP_PATH_BYTES];

static __always_inline struct kernfs_node *parent_directory(struct kernfs_node *node)
{
	struct kernfs_node___rcu_parent *renamed = (void *)node;

	if (bpf_core_field_exists(renamed->__parent))
		return (void *)BPF_CORE_READ(renamed, __parent);
	return BPF_CORE_READ(node, parent);
}

static __always_inline cgroup_id read_cgroup_id(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, kn, id);
}

static __always_inline void read_cgroup_path(struct cgroup *cgroup, char *path)
{
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);
	__u32 end = 0;

	path[0] = '/';
	for (int level = 0; level < CGROUP_LEVELS && node; level++) {
		struct kernfs_node *parent = parent_directory(node);
		long length;

		if (!parent || end > CGROUP_PATH_BYTES - CGROUP_NAME_BYTES)
			break;
		length = bpf_probe_read_kernel_str(path + end, CGROUP_NAME_BYTES, BPF_CORE_READ(node, name));
		if (length <= 1 || length > CGROUP_NAME_BYTES)
			break;
		end += length;
		path[(end - 1) & (CGROUP_PATH_BYTES - 1)] = '/';
		node = parent;
	}
}

/* The memory controller's state of a task; which slot it has differs between kernel configurations. */
static __always_inline struct mem_cgroup *task_memory_cgroup(struct task_struct *task)
{
	int slot = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = NULL;

	bpf_probe_read_kernel(&state, sizeof(state), &set->subsys[slot]);
	return (void *)state;
}

/*
 * The cgroup that stands for a task: on a version 1 memory hierarchy the memory cgroup, because the unified
 * tree beside it is usually empty; on version 2 the task's own, because the memory controller may be enabled
 * only further up.
 */
static __always_inline struct cgroup *task_cgroup(struct task_struct *task)
{
	struct cgroup *unified = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct mem_cgroup *memory = task_memory_cgroup(task);
	struct cgroup *owner = memory ? BPF_CORE_READ(memory, css.cgroup) : NULL;

	if (owner && BPF_CORE_READ(owner, root) != BPF_CORE_READ(unified, root))
		return owner;
	return unified;
}

/* The cgroup a socket was made in; NULL when the kernel does not keep it. */
static __always_inline struct cgroup *socket_cgroup(struct sock *socket)
{
	struct mem_cgroup *memory = NULL;

	if (bpf_core_field_exists(socket->sk_memcg))
		memory = BPF_CORE_READ(socket, sk_memcg);
	if (memory)
		return BPF_CORE_READ(memory, css.cgroup);
	if (bpf_core_field_exists(socket->sk_cgrp_data))
		return BPF_CORE_READ(socket, sk_cgrp_data.cgroup);
	return NULL;
}

#endif
