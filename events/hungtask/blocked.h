/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Whether a task is blocked, since when at least, and whether that was reported. */
#ifndef KERNTEL_HUNGTASK_BLOCKED_H
#define KERNTEL_HUNGTASK_BLOCKED_H

#include "kernel-locks.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* include/linux/sched.h, the same from 5.15 to 6.18; frozen is a state since 6.1 */
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_WAKEKILL	     0x0100
#define TASK_NOLOAD	     0x0400
#define TASK_FROZEN	     0x8000
#define PF_KTHREAD	     0x00200000
/* Before 6.1; later kernels have the first bit in one kernel thread only, the second in none. */
#define PF_FROZEN	     0x00010000
#define PF_FREEZER_SKIP	     0x40000000

/* One wait of a task: it lasts as long as the task is not switched in and out again. */
struct wait {
	__u64 switches;
	__u64 seen_ns;	/* by the clock that stops while the machine is suspended, as the kernel's detector */
	__u32 reported; /* bits of detectors */
	__u32 _pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct wait);
} waits SEC(".maps");

/* As the kernel's own detector sees it (kernel/hung_task.c): who can be killed, is idle or frozen is not
 * blocked. */
static __always_inline bool is_blocked(struct task_struct *task)
{
	unsigned int state = BPF_CORE_READ(task, __state);
	unsigned int flags = BPF_CORE_READ(task, flags);

	if (!(state & TASK_UNINTERRUPTIBLE) || (state & (TASK_WAKEKILL | TASK_NOLOAD | TASK_FROZEN)))
		return false;
	return (flags & PF_KTHREAD) || !(flags & (PF_FROZEN | PF_FREEZER_SKIP));
}

static __always_inline __u32 last_cpu(struct task_struct *task)
{
	struct task_struct___with_cpu *older = (void *)task;

	if (bpf_core_field_exists(task->thread_info.cpu))
		return BPF_CORE_READ(task, thread_info.cpu);
	return bpf_core_field_exists(older->cpu) ? BPF_CORE_READ(older, cpu) : 0;
}

/* The run queue of the task's CPU; NULL in kernels without CONFIG_FAIR_GROUP_SCHED. */
static __always_inline struct rq *run_queue(struct task_struct *task)
{
	struct cfs_rq *fair = NULL;

	if (bpf_core_field_exists(task->se.cfs_rq) && bpf_core_field_exists(fair->rq))
		return BPF_CORE_READ(task, se.cfs_rq, rq);
	return NULL;
}

/*
 * The scheduler notes in `exec_start` when the task left its CPU, by that CPU's clock of time spent on tasks,
 * which lags behind its other clock by the time spent on interrupts. That lag has grown since, and our own
 * CPU's clock stands at its last tick: so this is a little less than the truth, never more. 0 where the
 * kernel does not tell.
 */
static __always_inline __u64 off_cpu_ns(struct task_struct *task)
{
	struct rq *own = run_queue((void *)bpf_get_current_task());
	struct rq *queue = run_queue(task);
	__u64 left = BPF_CORE_READ(task, se.exec_start);
	__u64 now;

	if (!own || !queue || !left)
		return 0;
	now = BPF_CORE_READ(own, clock);
	left += BPF_CORE_READ(queue, clock) - BPF_CORE_READ(queue, clock_task);
	return now > left ? now - left : 0;
}

/* The state of the wait that the task is in; NULL where there is no memory for it. */
static __always_inline struct wait *current_wait(struct task_struct *task)
{
	struct wait *wait = bpf_task_storage_get(&waits, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 switches = BPF_CORE_READ(task, nvcsw) + BPF_CORE_READ(task, nivcsw);

	if (wait && wait->switches != switches) {
		wait->switches = switches;
		wait->seen_ns = bpf_ktime_get_ns();
		wait->reported = 0;
	}
	return wait;
}

/* Nanoseconds that the task is blocked, at least: by the scheduler's note, or since it was first seen so. */
static __always_inline __u64 blocked_since(struct task_struct *task)
{
	__u64 off_cpu = off_cpu_ns(task);
	struct wait *wait = current_wait(task);
	__u64 seen = wait ? bpf_ktime_get_ns() - wait->seen_ns : 0;
	return seen > off_cpu ? seen : off_cpu;
}

/* Whether no `detector` told of this wait before. */
static __always_inline bool is_first_report(struct task_struct *task, __u32 detector)
{
	struct wait *wait = current_wait(task);

	if (!wait || (wait->reported & detector))
		return !wait;
	wait->reported |= detector;
	return true;
}

#endif
