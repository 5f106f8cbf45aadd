/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The verdict of the kernel's watchdog: by its line, and by the taint behind it. */
#ifndef KERNTEL_SOFTLOCKUP_VERDICT_H
#define KERNTEL_SOFTLOCKUP_VERDICT_H

#include "lockup.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

/* include/linux/panic.h; before 5.17 include/linux/kernel.h */
#define TAINT_SOFTLOCKUP 14

static __always_inline bool is_verdict(const char *text)
{
	static const char verdict[] = "watchdog: BUG: soft lockup";
	char begin[sizeof(verdict) - 1];

	if (bpf_probe_read_kernel(begin, sizeof(begin), text))
		return false;
	return is_named(begin, verdict, sizeof(begin));
}

/*
 * The kernel's watchdog has spoken, in an interrupt of this CPU: a record for the first time, then a count.
 * `text` has no end of its own; NULL where there are no words.
 */
static __always_inline void judge(void *ctx, struct cpu_progress *state, const char *text,
				  unsigned long length)
{
	struct event_counters *count = own_counters();
	__u32 verdicts = state->stuck.verdicts;

	if (!count)
		return;
	count_report(count, KIND_VERDICT);
	if (state->is_reported && verdicts) {
		state->stuck.verdicts = verdicts + 1;
		count->suppressed++;
		return;
	}
	describe_stuck(ctx, &state->stuck);
	state->stuck.verdicts = 1;
	/* Without a clock of our own there is no end to wait for, and each verdict stands for itself. */
	state->is_reported = state->progress_ns != 0;
	if (state->progress_ns)
		state->stuck.elapsed = state->tick_ns - state->progress_ns;
	if (text)
		bpf_probe_read_kernel(state->stuck.message,
				      length < MESSAGE_BYTES ? length : MESSAGE_BYTES - 1, text);
	submit(count, &state->stuck, KIND_VERDICT);
}

/*
 * printk:console, kernel/printk/printk.c: every line the kernel says, at once since 5.16. Soft lockups are
 * said by kernel/watchdog.c in an interrupt of the CPU that is stuck.
 */
SEC("tp_btf/console")
int BPF_PROG(console, const char *text, unsigned long length)
{
	struct cpu_progress *state = own_progress();

	if (!state || !is_verdict(text))
		return 0;
	state->is_said = 1;
	judge(ctx, state, text, length);
	return 0;
}

/*
 * kernel/panic.c: the last that the watchdog does of a verdict, in the same interrupt as the line. Only one
 * whose line did not come by is told from here.
 */
SEC("kprobe/add_taint")
int BPF_KPROBE(add_taint, unsigned int flag)
{
	struct cpu_progress *state = own_progress();

	if (flag != TAINT_SOFTLOCKUP || !state)
		return 0;
	if (!state->is_said)
		judge(ctx, state, NULL, 0);
	state->is_said = 0;
	return 0;
}

#endif
