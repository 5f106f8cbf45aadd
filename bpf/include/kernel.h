/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The few kernel structs that programs read, each with only the fields we touch. CO-RE moves every access to
 * where the running kernel has the field, so nothing here depends on a version, an architecture, or on a
 * kernel's BTF being at hand when compiling. A `___suffix` is a variant of the same kernel struct.
 */
#ifndef KERNTEL_KERNEL_H
#define KERNTEL_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>
#include "kernel-memory.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct user_namespace;

/* include/linux/cred.h */
struct cred {
	kuid_t uid;
	struct user_namespace *user_ns;
};

struct signal_struct {
	short oom_score_adj;
};

struct cfs_rq;

struct sched_entity {
	__u64 exec_start;
	struct cfs_rq *cfs_rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct thread_info {
	__u32 cpu;
};

struct pid;
struct files_struct;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	struct sched_entity se;
	int pid;
	int tgid;
	char comm[16];
	unsigned long nvcsw;
	unsigned long nivcsw;
	__u64 start_boottime;
	struct pid *thread_pid;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *real_cred;
	const struct cred *cred;
	struct css_set *cgroups;
	__u64 utime;
	unsigned long blocker; /* since 6.16 */
	struct nsproxy *nsproxy;
	struct task_struct *real_parent;
	struct files_struct *files;
};

/* kernel/bpf/task_iter.c */
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* include/linux/nsproxy.h */
struct net;

struct nsproxy {
	struct net *net_ns;
};

/* include/linux/oom.h */
enum oom_constraint {
	CONSTRAINT_NONE,
	CONSTRAINT_CPUSET,
	CONSTRAINT_MEMORY_POLICY,
	CONSTRAINT_MEMCG,
};

struct oom_control {
	struct mem_cgroup *memcg; /* NULL: no cgroup's limit was met */
	unsigned long totalpages; /* 0 until the constraint is known */
	enum oom_constraint constraint;
};

#pragma clang attribute pop

#include "kernel-net.h"

#endif
