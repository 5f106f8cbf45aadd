/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which kind of lock a blocked task waits for, and who holds it: as far as the kernel notes it (since 6.16).
 */
#ifndef KERNTEL_HUNGTASK_HOLDER_H
#define KERNTEL_HUNGTASK_HOLDER_H

#include "kernel-locks.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* The two lowest bits of `blocker`, include/linux/hung_task.h, plus one. */
enum lock { LOCK_UNKNOWN, LOCK_MUTEX, LOCK_SEMAPHORE, LOCK_RWSEM_READ, LOCK_RWSEM_WRITE };

/* A lock keeps flags in the low bits of its owner: three in a mutex, two in a read-write semaphore. */
#define OWNER_FLAGS 7UL

static __always_inline unsigned long owner_of(void *lock, enum lock kind)
{
	struct mutex *mutex = lock;
	struct rw_semaphore *rwsem = lock;
	struct semaphore *semaphore = lock;

	if (kind == LOCK_MUTEX && bpf_core_field_exists(mutex->owner))
		return BPF_CORE_READ(mutex, owner.counter);
	if (kind == LOCK_SEMAPHORE && bpf_core_field_exists(semaphore->last_holder))
		return BPF_CORE_READ(semaphore, last_holder);
	if (kind >= LOCK_RWSEM_READ && bpf_core_field_exists(rwsem->owner))
		return BPF_CORE_READ(rwsem, owner.counter);
	return 0;
}

/* `holder` is NULL where it is not known, or is gone: a semaphore names who took it last, who may have ended
 * since. */
static __always_inline enum lock find_lock(struct task_struct *task, struct task_struct **holder)
{
	struct task_struct *owner;
	unsigned long blocker;
	enum lock kind;

	*holder = NULL;
	if (!bpf_core_field_exists(task->blocker))
		return LOCK_UNKNOWN;
	blocker = BPF_CORE_READ(task, blocker);
	if (!blocker)
		return LOCK_UNKNOWN;
	kind = (blocker & 3) + LOCK_MUTEX;
	owner = (void *)(owner_of((void *)(blocker & ~3UL), kind) & ~OWNER_FLAGS);
	/* Only a task that is alive has its pid (pid_alive in the kernel). */
	if (owner && BPF_CORE_READ(owner, thread_pid))
		*holder = owner;
	return kind;
}

#endif
