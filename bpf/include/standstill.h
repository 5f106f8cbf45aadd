/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * When each CPU had its ticks, which shows a machine that stood still (its hypervisor stopped it, or it slept
 * with its clock running) from one CPU that did. An object defines `struct slot_state` before, for what else
 * it keeps of a CPU.
 */
#ifndef KERNTEL_STANDSTILL_H
#define KERNTEL_STANDSTILL_H

#include "tick.h"
#include "hotplug.h"

/* A CPU without a tick for so long notes it; a little less than a pause, because CPUs do not go on in one
 * moment. */
#define SILENCE_NS 500000000ULL
#define PAUSE_NS   1000000000ULL

/* Times are those of run queues, which a tick has just set: no clock is read for them. */
struct cpu_slot {
	__u64 tick_ns; /* the last one; 0: none since we were attached, or since the CPU was brought up */
	__u64 steal_ns;
	/* The last silence. It is noted before the tick that ends it. */
	__u64 silent_from_ns;
	__u64 silent_until_ns;
	struct slot_state state;
} __attribute__((aligned(64)));

struct cpu_slot slots[MOST_CPUS];

/* NULL on a CPU beyond what there is room for. */
static __always_inline struct cpu_slot *own_slot(void)
{
	__u64 cpu = bpf_get_smp_processor_id();

	if (cpu >= MOST_CPUS)
		return NULL;
	/* The address must be computed behind the comparison, or the verifier of 6.1 takes it for unbounded.
	 */
	asm volatile("" : "+r"(cpu));
	return &slots[cpu];
}

static __always_inline void note_silence(struct cpu_slot *slot, __u64 now_ns)
{
	*(volatile __u64 *)&slot->silent_from_ns = slot->tick_ns;
	*(volatile __u64 *)&slot->silent_until_ns = now_ns;
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

struct standstill {
	__u64 from_ns;
	__u64 until_ns;
};

static __always_inline struct standstill overlap(const struct standstill *all, __u64 from_ns, __u64 until_ns)
{
	struct standstill both = {
		.from_ns = from_ns > all->from_ns ? from_ns : all->from_ns,
		.until_ns = until_ns < all->until_ns ? until_ns : all->until_ns,
	};

	if (both.until_ns < both.from_ns)
		both.until_ns = both.from_ns;
	return both;
}

/* Has a key for each CPU and nothing else: a loop over so many is too long for the verifier, and bpf_loop()
 * came with 5.17. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MOST_CPUS);
	__type(key, __u32);
	__type(value, __u32);
} cpu_numbers SEC(".maps");

/* Leaves of it what another CPU was silent for too: since its last tick, or before. */
static long narrow(void *map, const __u32 *cpu, void *value, struct standstill *all)
{
	const volatile struct cpu_slot *other;
	struct standstill still, before;
	__u64 index = *cpu;

	if (index >= MOST_CPUS)
		return 1;
	other = &slots[index];
	/* The tick first: what is noted of the silence before it is there then. */
	still = overlap(all, other->tick_ns, all->until_ns);
	before = overlap(all, other->silent_from_ns, other->silent_until_ns);
	*all = still.until_ns - still.from_ns >= before.until_ns - before.from_ns ? still : before;
	return 0;
}

/*
 * How long the whole machine stood still within the last `gap_ns`, in which this CPU was not idle and had no
 * tick. As far as ticks tell: other CPUs that idle all the time, without a timer, look as if they stood still
 * too. 0 for less than a second.
 */
static __noinline __u64 pause_within(__u64 gap_ns, __u64 now_ns)
{
	struct standstill all = {.from_ns = now_ns - gap_ns, .until_ns = now_ns};
	__u64 pause_ns;

	if (gap_ns < PAUSE_NS)
		return 0;
	bpf_for_each_map_elem(&cpu_numbers, narrow, &all, 0);
	pause_ns = all.until_ns - all.from_ns;
	return pause_ns < PAUSE_NS ? 0 : pause_ns;
}

#endif
