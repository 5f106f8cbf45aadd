/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * State of a CPU must not outlive it: an object that keeps any defines `forget_cpu`, and has it called before
 * a CPU is brought up. User space names `cpuhp_enter` as an optional program (receiver/tracing/hotplug.ts).
 */
#ifndef KERNTEL_HOTPLUG_H
#define KERNTEL_HOTPLUG_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Arrays by CPU take half of what looking up a per-CPU map takes before Linux 6.10, and can be changed for
 * another CPU. A power of two; the largest machines that are sold have fewer CPUs. */
#define MOST_CPUS 1024

/* include/linux/cpuhotplug.h; the value is the running kernel's. */
enum cpuhp_state {
	CPUHP_BRINGUP_CPU,
};

static __always_inline void forget_cpu(__u64 cpu);

/*
 * cpuhp:cpuhp_enter, kernel/cpu.c. This step is taken by another CPU: on the way up before the CPU executes
 * anything that we see, on the way down after it executed its last. So nothing is lost, and no one else
 * writes.
 */
SEC("tp_btf/cpuhp_enter")
int BPF_PROG(cpuhp_enter, unsigned int cpu, int target, int step)
{
	__u64 index = cpu;

	/* So that the compiler does not turn the comparison into one that the verifier learns nothing from.
	 */
	asm volatile("" : "+r"(index));
	if (step == (int)bpf_core_enum_value(enum cpuhp_state, CPUHP_BRINGUP_CPU) && index < MOST_CPUS)
		forget_cpu(index);
	return 0;
}

#endif
