/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* For user space to tell how far ticks are apart (receiver/tracing/tick-period.ts): jiffies in a time. */
#ifndef KERNTEL_CLOCKS_H
#define KERNTEL_CLOCKS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A section of their own, because user space reads it whole. */
__u64 clock_jiffies SEC(".data.clocks") = 0;
__u64 clock_ns SEC(".data.clocks") = 0;

/* To be run, not attached. */
SEC("syscall")
int read_clocks(void *ctx)
{
	clock_jiffies = bpf_jiffies64();
	clock_ns = bpf_ktime_get_ns();
	return 0;
}

#endif
