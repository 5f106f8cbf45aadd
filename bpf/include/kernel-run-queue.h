/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs of the scheduler's queues, as in kernel.h. */
#ifndef KERNTEL_KERNEL_RUN_QUEUE_H
#define KERNTEL_KERNEL_RUN_QUEUE_H

#include "kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/sched.h; `cpu` moved to thread_info in 5.16 */
struct task_struct___with_cpu {
	unsigned int cpu;
};

/* kernel/sched/sched.h */
struct rq {
	unsigned int nr_running;
	__u64 nr_switches;
	__u64 clock;
	__u64 clock_task;
	__u64 prev_steal_time; /* CONFIG_PARAVIRT */
};

struct cfs_rq {
	struct rq *rq;
};

#pragma clang attribute pop

#endif
