/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The cgroup whose file a task is writing: where the kernel's function cannot be hooked, the file says whose
 * memory is reclaimed. */
#ifndef KERNTEL_MEMRECLAIM_WRITTEN_CGROUP_H
#define KERNTEL_MEMRECLAIM_WRITTEN_CGROUP_H

#include "kernel.h"
#include "cgroup.h"
#include <asm/ptrace.h>
#include <asm/unistd.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* include/uapi/linux/magic.h */
#define CGROUP_SUPER_MAGIC  0x27e0eb
#define CGROUP2_SUPER_MAGIC 0x63677270

/* arch/x86/include/asm/ptrace.h, arch/arm64/include/asm/ptrace.h */
struct pt_regs___call {
	unsigned long orig_ax;
	int syscallno;
} __attribute__((preserve_access_index));

static __always_inline bool is_writing(struct pt_regs___call *registers)
{
	long number =
		bpf_core_field_exists(registers->orig_ax) ? (long)registers->orig_ax : registers->syscallno;

	switch (number) {
	case __NR_write:
	case __NR_writev:
	case __NR_pwrite64:
	case __NR_pwritev:
	case __NR_pwritev2:
	case __NR_sendfile:
		return true;
	}
	return false;
}

/* What a system call writes to: the first argument of each. By typed pointers, as it is looked for at the
 * beginning of every wait. */
static __always_inline struct file *written_file(struct task_struct *task)
{
	struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(task);
	unsigned long number = PT_REGS_PARM1_SYSCALL(registers);
	struct fdtable *table;
	struct file *file = NULL;

	if (!is_writing((void *)registers))
		return NULL;
	table = task->files->fdt;
	if (number < table->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), table->fd + number);
	return file;
}

/* NULL where it is no file of a cgroup: io_uring writes without a system call that names the file. */
static __always_inline struct cgroup *written_cgroup(struct task_struct *task)
{
	struct file *file = written_file(task);
	unsigned long magic = file ? BPF_CORE_READ(file, f_inode, i_sb, s_magic) : 0;
	struct kernfs_node *node;

	if (magic != CGROUP_SUPER_MAGIC && magic != CGROUP2_SUPER_MAGIC)
		return NULL;
	node = (void *)BPF_CORE_READ(file, f_inode, i_private);
	return BPF_CORE_READ(parent_directory(node), priv);
}

static __always_inline struct cgroup *hierarchy_root(struct cgroup *cgroup)
{
	struct cgroup_root *hierarchy = BPF_CORE_READ(cgroup, root);

	return __builtin_preserve_access_index(&hierarchy->cgrp);
}

static __always_inline struct mem_cgroup *cgroup_memory(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *state = NULL;

	if (cgroup && bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)) {
		int slot = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);

		bpf_probe_read_kernel(&state, sizeof(state), &cgroup->subsys[slot]);
	}
	return (void *)state;
}

#endif
