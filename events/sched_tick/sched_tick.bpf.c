// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ticks that did not come on a CPU that was not idle. */
/* Nothing but its ticks is kept of a CPU. */
struct slot_state {
};

#include "standstill.h"
#include "clocks.h"
#include "records.h"
#include "tenant-limit.h"
#include "histogram.h"
#include "cgroup.h"
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

struct sched_tick_record {
	record_kind record_kind;
	nanoseconds time;
	nanoseconds gap;
	nanoseconds threshold;
	nanoseconds steal; /* of the gap, where the kernel keeps it */
	nanoseconds pause; /* of the gap, in which the whole machine stood still */
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

enum { CAUSE_OTHER, CAUSE_STEAL, CAUSE_PAUSE, CAUSES };

/* Of the gaps that were beyond the threshold, by cause. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CAUSES);
	__type(key, __u32);
	__type(value, struct duration_histogram);
} gaps SEC(".maps");

SETTING __u64 threshold_ns = 10000000;
/* No longer than the threshold, nor than a silence that other CPUs want to know of. */
SETTING __u64 notice_ns = 10000000;
/* A gap is at least one and a half of these: on a kernel with CONFIG_HZ=100 every tick is 10 ms after the
 * other. */
SETTING __u64 period_ns = 10000000;

/* Returns 1 where the run queue cannot be found. */
SEC("syscall")
int find_queue(void *ctx)
{
	return !bpf_core_field_exists(((struct task_struct *)0)->se.cfs_rq);
}

static __always_inline void count_gap(__u32 cause, __u64 gap_ns)
{
	struct duration_histogram *histogram = bpf_map_lookup_elem(&gaps, &cause);

	if (histogram)
		count_duration(histogram, gap_ns);
}

static __always_inline __u32 cause_of(__u64 gap_ns, __u64 pause_ns, __u64 steal_ns)
{
	if (pause_ns >= gap_ns / 2)
		return CAUSE_PAUSE;
	return steal_ns >= gap_ns / 2 ? CAUSE_STEAL : CAUSE_OTHER;
}

static __always_inline void forget_cpu(__u64 cpu)
{
	slots[cpu] = (struct cpu_slot){};
}

static __noinline int report(void *ctx, struct hrtimer *timer, __u64 gap_ns, __u64 steal_ns)
{
	struct event_counters *count = own_counters();
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct sched_tick_record *record;
	struct cpu_slot *slot = own_slot();
	struct cgroup *cgroup;
	__u64 ids = bpf_get_current_pid_tgid();
	__u64 pause_ns;

	/* The idle task: nobody waited for this CPU. */
	if (!count || !slot || !ids)
		return 0;
	gap_ns = without_idle(timer, gap_ns);
	if (gap_ns < threshold_ns || gap_ns < period_ns + period_ns / 2)
		return 0;
	/* Some of it may have been before, in idle. */
	if (steal_ns > gap_ns)
		steal_ns = gap_ns;
	pause_ns = pause_within(gap_ns, slot->tick_ns);
	count->seen++;
	count_gap(cause_of(gap_ns, pause_ns, steal_ns), gap_ns);
	cgroup = typed_task_cgroup(task);
	if (!take_token_in(cgroup, now_ns)) {
		count->suppressed++;
		return 0;
	}
	record = RESERVE_RECORD(sched_tick_record, count);
	if (!record)
		return 0;
	record->time = now_ns;
	record->gap = gap_ns;
	record->threshold = threshold_ns;
	record->steal = steal_ns;
	record->pause = pause_ns;
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
	__u64 now_ns, last_ns, steal_ns, last_steal_ns;
	struct cpu_slot *slot;
	struct rq *queue;

	if (!is_tick(timer))
		return 0;
	queue = current_run_queue();
	slot = own_slot();
	if (!queue || !slot)
		return 0;
	now_ns = queue->clock;
	steal_ns = steal_of(queue);
	last_ns = slot->tick_ns;
	last_steal_ns = slot->steal_ns;
	/* The first tick that we see has none before it. */
	if (!last_ns || now_ns - last_ns < notice_ns) {
		slot->tick_ns = now_ns;
		slot->steal_ns = steal_ns;
		return 0;
	}
	if (now_ns - last_ns >= SILENCE_NS)
		note_silence(slot, now_ns);
	slot->tick_ns = now_ns;
	slot->steal_ns = steal_ns;
	return report(ctx, timer, now_ns - last_ns, steal_ns - last_steal_ns);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
