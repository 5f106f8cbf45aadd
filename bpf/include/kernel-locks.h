/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs that tell for whom or what a task waits, as in kernel.h. */
#ifndef KERNTEL_KERNEL_LOCKS_H
#define KERNTEL_KERNEL_LOCKS_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/sched.h; `cpu` moved to thread_info in 5.16 */
struct task_struct___with_cpu {
	unsigned int cpu;
};

/* kernel/sched/sched.h */
struct rq {
	__u64 clock;
	__u64 clock_task;
};

struct cfs_rq {
	struct rq *rq;
};

/* include/linux/mutex_types.h, rwsem.h, semaphore.h; without `owner` in real-time kernels */
struct mutex {
	atomic_long_t owner;
};

struct rw_semaphore {
	atomic_long_t owner;
};

struct semaphore {
	unsigned long last_holder; /* since 6.16 */
};

#pragma clang attribute pop

#endif
