/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A token bucket for the whole machine in one word: the generic cell rate algorithm (ITU-T I.371, annex A).
 */
#ifndef KERNTEL_LIMIT_H
#define KERNTEL_LIMIT_H

#include <stdbool.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include "settings.h"

/* Nanoseconds between two records at the allowed rate; 0 means no limit. */
SETTING __u64 limit_interval_ns = 0;
/* How far ahead of its time a record may come: the burst, as time. */
SETTING __u64 limit_burst_ns = 0;

/* When the next record would be due if records came evenly. */
__u64 limit_due_ns = 0;

/*
 * Takes a token where more than `reserve_ns` of the burst are left. Refusal is one load and one comparison.
 * Losing the exchange twice means that other CPUs took the tokens meanwhile.
 */
static __always_inline bool take_beyond(__u64 reserve_ns, __u64 interval_ns, __u64 now_ns)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		__u64 due = *(volatile __u64 *)&limit_due_ns;
		__u64 start = due > now_ns ? due : now_ns;

		if (start - now_ns + reserve_ns > limit_burst_ns)
			return false;
		if (__sync_val_compare_and_swap(&limit_due_ns, due, start + interval_ns) == due)
			return true;
	}
	return false;
}

/* For what no tenant caused; see tenant-limit.h for the others. */
static __always_inline bool take_token(__u64 now_ns)
{
	__u64 interval_ns = limit_interval_ns;

	return !interval_ns || take_beyond(0, interval_ns, now_ns);
}

#endif
