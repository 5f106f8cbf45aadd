/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which task: what most records say of the one that they are about. */
#ifndef KERNTEL_TASK_H
#define KERNTEL_TASK_H

#include "cgroup.h"

/* Fills `cgroup_id`, `pid`, `tid`, `comm` and `cgroup` of a record, which need not be next to each other. */
#define READ_TASK(record, task)                                                                              \
	({                                                                                                   \
		struct cgroup *own_cgroup = task_cgroup(task);                                               \
		(record)->cgroup_id = read_cgroup_id(own_cgroup);                                            \
		(record)->pid = BPF_CORE_READ(task, tgid);                                                   \
		(record)->tid = BPF_CORE_READ(task, pid);                                                    \
		BPF_CORE_READ_STR_INTO(&(record)->comm, task, comm);                                         \
		read_cgroup_path(own_cgroup, (record)->cgroup);                                              \
	})

#endif
