/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which cgroup: the id, and the path as far as there is room, taken while the cgroup certainly still exists.
 */
#ifndef KERNTEL_CGROUP_H
#define KERNTEL_CGROUP_H

#include "kernel.h"
#include "event.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/*
 * A pod's container is five levels deep and some 250 bytes long; nested container managers add four levels.
 * The path of one that is longer or deeper is cut, and says so: user space has it whole, by its id.
 */
#define CGROUP_PATH_BYTES 512
#define CGROUP_LEVELS	  10
/* The longest name that mkdir(1) and runtimes make (NAME_MAX, 255), its end, and a byte that shows that a
 * name was not cut. */
#define LONG_NAME_BYTES	  257
/* What a name may have beyond half of the field. The verifier wants sizes that do not depend on each other.
 */
#define SHORT_NAME_BYTES  128

/*
 * Names from the leaf up, each followed by '/'; user space turns them round. The root alone is "/". Where the
 * last '/' is missing, names nearer to the root are.
 */
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
	struct kernfs_node *parent = parent_directory(node);
	__u32 end = 0;

	path[0] = '/';
	for (int level = 0; level < CGROUP_LEVELS && parent; level++) {
		__u32 room = LONG_NAME_BYTES;
		long length;

		if (end > CGROUP_PATH_BYTES - LONG_NAME_BYTES)
			room = SHORT_NAME_BYTES;
		if (end > CGROUP_PATH_BYTES - SHORT_NAME_BYTES)
			break;
		length = bpf_probe_read_kernel_str(path + end, room, BPF_CORE_READ(node, name));
		/* A name that fills its room may have been longer. */
		if (length <= 1 || length >= room)
			break;
		end += length;
		path[(end - 1) & (CGROUP_PATH_BYTES - 1)] = '/';
		node = parent;
		parent = parent_directory(node);
	}
	/* A name of which only a part was read goes with the last '/'. */
	if (parent || !node)
		path[end ? (end - 1) & (CGROUP_PATH_BYTES - 1) : 0] = 0;
}

/* A controller's state of a task; which slot it has differs between kernel configurations. NULL where it is
 * not built in. */
#define task_controller(task, controller)                                                                    \
	({                                                                                                   \
		struct css_set *set = BPF_CORE_READ(task, cgroups);                                          \
		struct cgroup_subsys_state *state = NULL;                                                    \
		if (bpf_core_enum_value_exists(enum cgroup_subsys_id, controller)) {                         \
			int slot = bpf_core_enum_value(enum cgroup_subsys_id, controller);                   \
			bpf_probe_read_kernel(&state, sizeof(state), &set->subsys[slot]);                    \
		}                                                                                            \
		state;                                                                                       \
	})

static __always_inline struct mem_cgroup *task_memory_cgroup(struct task_struct *task)
{
	return (void *)task_controller(task, memory_cgrp_id);
}

/* The cgroup of a controller's state, if it is on a version 1 hierarchy: not the unified tree's root. */
static __always_inline struct cgroup *version1_cgroup(struct cgroup_subsys_state *state,
						      struct cgroup_root *unified)
{
	struct cgroup *cgroup = state ? BPF_CORE_READ(state, cgroup) : NULL;

	return cgroup && BPF_CORE_READ(cgroup, root) != unified ? cgroup : NULL;
}

/*
 * The cgroup that stands for a task: on a version 1 memory hierarchy the memory cgroup, because the unified
 * tree beside it is usually empty; on version 2 the task's own, because the memory controller may be enabled
 * only further up. Where the kernel was started without the memory controller, the hierarchy of cpu or of
 * pids takes its place.
 */
static __always_inline struct cgroup *task_cgroup(struct task_struct *task)
{
	struct cgroup *own = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct cgroup_root *unified = BPF_CORE_READ(own, root);
	struct cgroup *found = version1_cgroup(task_controller(task, memory_cgrp_id), unified);
	int memory = bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)
			     ? 1 << bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)
			     : 0;

	if (found || BPF_CORE_READ(unified, subsys_mask) & memory)
		return found ? found : own;
	found = version1_cgroup(task_controller(task, cpu_cgrp_id), unified);
	if (!found)
		found = version1_cgroup(task_controller(task, pids_cgrp_id), unified);
	return found ? found : own;
}

/* A controller's cgroup on a version 1 hierarchy, by plain loads; NULL where it has none. */
#define typed_version1_cgroup(set, unified, controller)                                                      \
	({                                                                                                   \
		struct cgroup *found = NULL;                                                                 \
		if (bpf_core_enum_value_exists(enum cgroup_subsys_id, controller)) {                         \
			int slot = bpf_core_enum_value(enum cgroup_subsys_id, controller);                   \
			found = (set)->subsys[slot]->cgroup;                                                 \
			if (found->root == (unified))                                                        \
				found = NULL;                                                                \
		}                                                                                            \
		found;                                                                                       \
	})

/* As task_cgroup, of a task whose type the verifier knows: plain loads cost a tenth of probes. */
static __always_inline struct cgroup *typed_task_cgroup(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *own = set->dfl_cgrp;
	struct cgroup_root *unified = own->root;
	struct cgroup *found = typed_version1_cgroup(set, unified, memory_cgrp_id);
	int memory = bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)
			     ? 1 << bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)
			     : 0;

	if (found || unified->subsys_mask & memory)
		return found ? found : own;
	found = typed_version1_cgroup(set, unified, cpu_cgrp_id);
	if (!found)
		found = typed_version1_cgroup(set, unified, pids_cgrp_id);
	return found ? found : own;
}

/* The cgroup that a memory controller's state is the state of. */
static __always_inline struct cgroup *memory_cgroup(struct mem_cgroup *memory)
{
	return BPF_CORE_READ(memory, css.cgroup);
}

/* The cgroup that a block request is accounted to; NULL where the kernel does not keep it. */
static __always_inline struct cgroup *request_cgroup(struct request *request)
{
	struct bio *bio = BPF_CORE_READ(request, bio);

	if (!bio || !bpf_core_field_exists(bio->bi_blkg))
		return NULL;
	return BPF_CORE_READ(bio, bi_blkg, blkcg, css.cgroup);
}

/* The cgroup a socket was made in; NULL when the kernel does not keep it. */
static __always_inline struct cgroup *socket_cgroup(struct sock *socket)
{
	struct mem_cgroup *memory = NULL;

	if (bpf_core_field_exists(socket->sk_memcg))
		memory = BPF_CORE_READ(socket, sk_memcg);
	if (memory)
		return memory_cgroup(memory);
	if (bpf_core_field_exists(socket->sk_cgrp_data))
		return BPF_CORE_READ(socket, sk_cgrp_data.cgroup);
	return NULL;
}

/* TIME_WAIT and NEW_SYN_RECV are smaller structs without an owner (include/net/tcp_states.h). */
static __always_inline bool has_owner(struct sock *socket)
{
	unsigned char state = socket->__sk_common.skc_state;

	return state != 6 && state != 12;
}

/* The cgroup that a socket was made in, by plain loads. */
static __always_inline struct cgroup *owner_cgroup(struct sock *socket)
{
	struct mem_cgroup *memory = NULL;

	if (bpf_core_field_exists(socket->sk_memcg))
		memory = socket->sk_memcg;
	if (memory)
		return memory->css.cgroup;
	if (bpf_core_field_exists(socket->sk_cgrp_data))
		return socket->sk_cgrp_data.cgroup;
	return NULL;
}

#endif
