/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The verdict of the kernel's watchdog: by its line, and by the taint behind it. */
#ifndef KERNTEL_SOFTLOCKUP_VERDICT_H
#define KERNTEL_SOFTLOCKUP_VERDICT_H

#include "lockup.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

/* include/linux/panic.h; before 5.17 include/linux/kernel.h */
#define TAINT_SOFTLOCKUP 14

/* Not static, as the names in tick.h. */
const char verdict_words[] = "watchdog: BUG: soft lockup";

static __always_inline bool is_verdict(const char *text)
{
	char begin[sizeof(verdict_words) - 1];

	if (bpf_probe_read_kernel(begin, sizeof(begin), text))
		return false;
	return is_named(begin, verdict_words, sizeof(begin));
}

/*
 * The kernel's watchdog has spoken, in an interrupt of this CPU: a record for the first time, then a count.
 * `text` has no end of its own; NULL where there are no words.
 */
static __always_inline void judge(void *ctx, struct cpu_slot *slot, const char *text, unsigned long length)
{
	struct event_counters *count = own_counters();
	struct softlockup_record *stuck = own_report();
	struct slot_state *state = &slot->state;

	if (!count || !stuck)
		return;
	count_report(count, KIND_VERDICT);
	if (state->is_reported && stuck->verdicts) {
		stuck->verdicts++;
		count->suppressed++;
		return;
	}
	describe_stuck(ctx, stuck);
	stuck->verdicts = 1;
	if (state->pause_end_ns == slot->tick_ns && !state->pause_ns)
		state->pause_ns = state->ended_pause_ns;
	measure(stuck, slot, slot->tick_ns);
	/* Without a clock of our own there is no end to wait for, and each verdict stands for itself. */
	state->is_reported = stuck->is_measured;
	if (text)
		bpf_probe_read_kernel(stuck->message, length < MESSAGE_BYTES ? length : MESSAGE_BYTES - 1,
				      text);
	submit(count, stuck, KIND_VERDICT);
}

/*
 * printk:console, kernel/printk/printk.c: every line the kernel says, at once since 5.16. Soft lockups are
 * said by kernel/watchdog.c in an interrupt of the CPU that is stuck.
 */
SEC("tp_btf/console")
int BPF_PROG(console, const char *text, unsigned long length)
{
	struct cpu_slot *slot = own_slot();

	if (!slot || !is_verdict(text))
		return 0;
	slot->state.is_said = 1;
	judge(ctx, slot, text, length);
	return 0;
}

/*
 * kernel/panic.c: the last that the watchdog does of a verdict, in the same interrupt as the line. Only one
 * whose line did not come by is told from here.
 */
SEC("kprobe/add_taint")
int BPF_KPROBE(add_taint, unsigned int flag)
{
	struct cpu_slot *slot = own_slot();

	if (flag != TAINT_SOFTLOCKUP || !slot)
		return 0;
	if (!slot->state.is_said)
		judge(ctx, slot, NULL, 0);
	slot->state.is_said = 0;
	return 0;
}

#endif
