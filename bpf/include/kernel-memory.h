/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of cgroups, and of memory and block requests that belong to them; a part of kernel.h. */
#ifndef KERNTEL_KERNEL_MEMORY_H
#define KERNTEL_KERNEL_MEMORY_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	long counter;
} atomic_long_t;

/* include/linux/uidgid.h */
typedef struct {
	unsigned int val;
} kuid_t;

/* fs/kernfs/kernfs-internal.h */
struct kernfs_iattrs {
	kuid_t ia_uid;
};

/* include/linux/kernfs.h; `parent` became `__parent` in 6.15 */
struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
	__u64 id;
	void *priv;		     /* of a cgroup's directory: its struct cgroup */
	struct kernfs_iattrs *iattr; /* NULL: as it was made, by root */
};

struct kernfs_node___rcu_parent {
	struct kernfs_node___rcu_parent *__parent;
};

/* include/linux/cgroup-defs.h */
enum cgroup_subsys_id {
	memory_cgrp_id,
	cpu_cgrp_id,
	pids_cgrp_id,
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup_root;

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
	struct cgroup_subsys_state *subsys[1];
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
	struct cgroup cgrp;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

/* include/linux/page_counter.h, memcontrol.h */
struct page_counter {
	atomic_long_t usage;
	unsigned long high;
	unsigned long max;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};

/* include/linux/fs.h, fdtable.h: a file that is written */
struct super_block {
	unsigned long s_magic;
};

struct inode {
	struct super_block *i_sb;
	void *i_private; /* in kernfs: its node */
};

struct file {
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* block/blk-cgroup.h, include/linux/blk_types.h, blk-mq.h */
struct blkcg {
	struct cgroup_subsys_state css;
};

struct blkcg_gq {
	struct blkcg *blkcg;
};

struct bio {
	struct blkcg_gq *bi_blkg;
};

struct request {
	struct bio *bio;
};

/* include/linux/mm_types.h; resident set counters became per-CPU in 6.2 */
struct percpu_counter {
	__s64 count;
};

struct mm_struct {
	unsigned long total_vm;
	atomic_long_t pgtables_bytes;
};

struct mm_struct___percpu {
	struct percpu_counter rss_stat[4];
};

struct mm_rss_stat {
	atomic_long_t count[4];
};

struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};

#pragma clang attribute pop

#endif
