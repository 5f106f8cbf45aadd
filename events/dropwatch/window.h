/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Windows: what user space is told when one begins, and what it gets of each kind when it has ended. */
#ifndef KERNTEL_DROPWATCH_WINDOW_H
#define KERNTEL_DROPWATCH_WINDOW_H

#include "kind.h"
#include "counts.h"

/* A kind of which not every drop was described. */
struct dropwatch_summary {
	record_kind record_kind;
	nanoseconds first;
	nanoseconds last;  /* to about a timer tick */
	event_count count; /* with the described one */
	kernel_address location;
	cgroup_id cgroup_id;
	opaque_id netns_cookie;
	__u32 reason;
	__u32 interface_index;
	__u32 netns_inode;
	__u32 _pad;
	char interface[16];
};
EVENT(dropwatch_summary);

/* Something is counted in this window that no other record of it said. */
struct dropwatch_notice {
	record_kind record_kind;
	nanoseconds time;
};
EVENT(dropwatch_notice);

/* Window that user space knows of. */
__u64 known_window = 0;

static __always_inline void notice_window(__u64 current, __u64 now_ns)
{
	struct dropwatch_notice *notice;

	if (*(volatile __u64 *)&known_window == current)
		return;
	notice = bpf_ringbuf_reserve(&records, sizeof(*notice), 0);
	if (!notice)
		return;
	known_window = current;
	notice->record_kind = RECORD_KIND(dropwatch_notice);
	notice->time = now_ns;
	bpf_ringbuf_submit(notice, 0);
}

struct flush {
	__u64 now_ns;
	__u64 now_jiffies;
	__u64 window;
	__u32 left;
};

/*
 * Counting a drop reads jiffies, because reading a clock would cost a third of it. What a jiffy is tells the
 * time since the kind's first drop.
 */
static __always_inline __u64 last_time(const struct kind_slot *slot, const struct flush *flush)
{
	__u64 elapsed = flush->now_jiffies - slot->first_jiffies;
	__u64 until_last = slot->last_jiffies - slot->first_jiffies;
	__u64 jiffy_ns = elapsed ? (flush->now_ns - slot->first) / elapsed : 0;

	return until_last > elapsed ? slot->first : slot->first + until_last * jiffy_ns;
}

static __always_inline bool summarize(const struct kind_slot *slot, const struct flush *flush, __u64 count)
{
	struct dropwatch_summary *summary = bpf_ringbuf_reserve(&records, sizeof(*summary), 0);

	if (!summary)
		return false;
	summary->record_kind = RECORD_KIND(dropwatch_summary);
	summary->first = slot->first;
	summary->last = last_time(slot, flush);
	summary->count = count;
	summary->location = slot->location;
	summary->cgroup_id = slot->cgroup_id;
	summary->netns_cookie = slot->netns_cookie;
	summary->reason = slot->reason;
	summary->interface_index = slot->interface_index;
	summary->netns_inode = slot->netns_inode;
	summary->_pad = 0;
	__builtin_memcpy(summary->interface, slot->interface, sizeof(summary->interface));
	bpf_ringbuf_submit(summary, 0);
	return true;
}

static long flush_slot(void *map, const __u32 *index, struct kind_slot *slot, struct flush *flush)
{
	bool is_current = flush->window && (*index >= KIND_SLOTS) == (flush->window & 1);
	__u32 first_drop;

	if (is_current || !slot->count)
		return 0;
	if (!slot->fingerprint) {
		/* Counted by somebody who was held up since before the slot was emptied. */
		struct drop_counts *own = own_drop_counts();

		if (own)
			own->unsummarized += slot->count;
		slot->count = 0;
		return 0;
	}
	first_drop = *(volatile __u32 *)&slot->first_drop;
	/* However long the CPU of its first drop is held up: half a kind is not told. */
	if (first_drop == FIRST_DROP_IN_WORK) {
		flush->left++;
		return 0;
	}
	if (slot->count > (first_drop == FIRST_DROP_DESCRIBED) && !summarize(slot, flush, slot->count)) {
		flush->left++;
		return 0;
	}
	slot->count = 0;
	slot->first_drop = FIRST_DROP_IN_WORK;
	slot->fingerprint = 0;
	return 0;
}

/* Run by user space after a window has ended; returns how many kinds wait for the next run: they found the
 * ring full, or are not whole yet. */
SEC("syscall")
int flush_windows(void *ctx)
{
	struct flush flush = {.window = window};

	flush.now_ns = bpf_ktime_get_boot_ns();
	flush.now_jiffies = bpf_jiffies64();
	bpf_for_each_map_elem(&kinds, flush_slot, &flush, 0);
	return flush.left;
}

#endif
