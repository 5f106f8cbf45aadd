// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ticks that did not come on a CPU that was not idle. */
#include "tick.h"
#include "clocks.h"
#include "records.h"
#include "limit.h"
#include "histogram.h"
#include "cgroup.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

struct sched_tick_record {
	nanoseconds time;
	nanoseconds gap;
	nanoseconds threshold;
	nanoseconds steal; /* of the gap, where the kernel keeps it */
	cgroup_id cgroup_id;
	kernel_address stack[STACK_FRAMES];
	__u32 cpu;
	__u32 pid;
	__u32 tid;
	__u8 has_steal;
	__u8 _pad[3];
	char comm[16];
	cgroup_path cgroup;
};
EVENT(sched_tick_record);

/* What the tick before left behind. */
struct last_tick {
	__u64 clock_ns; /* of the run queue, which a tick has just set: no clock is read for it */
	__u64 steal_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct last_tick);
} last_ticks SEC(".maps");

enum { CAUSE_OTHER, CAUSE_STEAL, CAUSES };

/* Of the gaps that were beyond the threshold, by cause. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CAUSES);
	__type(key, __u32);
	__type(value, struct duration_histogram);
} gaps SEC(".maps");

SETTING __u64 threshold_ns = 10000000;
/* A gap is at least one and a half of these: on a kernel with CONFIG_HZ=100 every tick is 10 ms after the
 * other. */
SETTING __u64 period_ns = 10000000;

/* Returns 1 where the run queue cannot be found. */
SEC("syscall")
int find_queue(void *ctx)
{
	return !bpf_core_field_exists(((struct task_struct *)0)->se.cfs_rq);
}

static __always_inline struct tick_sched *tick_state(struct hrtimer *timer)
{
	return (void *)timer - bpf_core_field_offset(struct tick_sched, sched_timer);
}

/* A CPU whose tick was stopped has had none since it left idle. */
static __always_inline __u64 without_idle(struct hrtimer *timer, __u64 gap_ns)
{
	__s64 since_idle_ns = bpf_ktime_get_ns() - BPF_CORE_READ(tick_state(timer), idle_exittime);

	return since_idle_ns >= 0 && (__u64)since_idle_ns < gap_ns ? (__u64)since_idle_ns : gap_ns;
}

static __always_inline void count_gap(__u32 cause, __u64 gap_ns)
{
	struct duration_histogram *histogram = bpf_map_lookup_elem(&gaps, &cause);

	if (histogram)
		count_duration(histogram, gap_ns);
}

static __noinline int report(void *ctx, struct hrtimer *timer, __u64 gap_ns, __u64 steal_ns)
{
	struct event_counters *count = own_counters();
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct sched_tick_record *record;
	struct cgroup *cgroup;
	__u64 ids = bpf_get_current_pid_tgid();

	/* The idle task: nobody waited for this CPU. */
	if (!count || !ids)
		return 0;
	gap_ns = without_idle(timer, gap_ns);
	if (gap_ns < threshold_ns || gap_ns < period_ns + period_ns / 2)
		return 0;
	/* Some of it may have been before, in idle. */
	if (steal_ns > gap_ns)
		steal_ns = gap_ns;
	count->seen++;
	count_gap(steal_ns >= gap_ns / 2 ? CAUSE_STEAL : CAUSE_OTHER, gap_ns);
	if (!take_token(now_ns)) {
		count->suppressed++;
		return 0;
	}
	record = RESERVE_RECORD(sched_tick_record, count);
	if (!record)
		return 0;
	cgroup = task_cgroup(task);
	record->time = now_ns;
	record->gap = gap_ns;
	record->threshold = threshold_ns;
	record->steal = steal_ns;
	record->has_steal = bpf_core_field_exists(((struct rq *)0)->prev_steal_time);
	record->cpu = bpf_get_smp_processor_id();
	record->pid = ids >> 32;
	record->tid = ids;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	record->cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->cgroup);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/*
 * timer:hrtimer_expire_exit, kernel/time/hrtimer.c, in the interrupt: once the tick is done, clock and steal
 * time of the run queue are of now, and those of the tick before were kept.
 */
SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(hrtimer_expire_exit, struct hrtimer *timer)
{
	struct last_tick *last;
	__u64 last_ns, last_steal_ns;
	struct rq *queue;
	__u32 zero = 0;

	if (!is_tick(timer))
		return 0;
	queue = current_run_queue();
	last = bpf_map_lookup_elem(&last_ticks, &zero);
	if (!queue || !last)
		return 0;
	last_ns = last->clock_ns;
	last_steal_ns = last->steal_ns;
	last->clock_ns = queue->clock;
	last->steal_ns = steal_of(queue);
	/* The first tick that we see has none before it. */
	if (last_ns && last->clock_ns - last_ns >= threshold_ns)
		report(ctx, timer, last->clock_ns - last_ns, last->steal_ns - last_steal_ns);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
