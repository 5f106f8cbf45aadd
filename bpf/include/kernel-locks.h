/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Kernel structs that tell for whom or what a task waits, as in kernel.h. */
#ifndef KERNTEL_KERNEL_LOCKS_H
#define KERNTEL_KERNEL_LOCKS_H

#include "kernel-run-queue.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

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
