/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Tasks that hang in one place of one cgroup: the first is told at once, the others together. */
#ifndef KERNTEL_HUNGTASK_FOLDS_H
#define KERNTEL_HUNGTASK_FOLDS_H

#include "records.h"
#include "tenant-limit.h"

/* Places where tasks hang at the same time, times their cgroups; beyond it each task is told by itself,
 * within the limit. */
#define FOLDS 256

/* Tasks that hang where another did are told together, so often; 0: each by itself. */
SETTING __u64 fold_ns = 0;

struct fold_key {
	__u64 stack_hash;
	__u64 cgroup_id;
	__u64 detector;
};

/* The last task that hung there, and how many since one was told. */
struct fold {
	__u64 told_ns;
	__u32 pending;
	__u32 is_busy;
	__u64 tenant; /* of every task of this fold: they are in one cgroup */
	struct hungtask_record last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FOLDS);
	__type(key, struct fold_key);
	__type(value, struct fold);
} folds SEC(".maps");

static __always_inline bool submit(struct hungtask_record *record, struct event_counters *count)
{
	if (!bpf_ringbuf_output(&records, record, sizeof(*record), 0))
		return true;
	count->ring_lost++;
	return false;
}

/* FNV-1a over words instead of bytes: two stacks are one place, or they are not. */
static __always_inline __u64 hash_stack(const struct hungtask_record *record)
{
	__u64 hash = 0xcbf29ce484222325;

	for (int frame = 0; frame < STACK_FRAMES; frame++)
		hash = (hash ^ record->stack[frame]) * 0x100000001b3;
	/* Without a stack nobody knows whether it is the same place. */
	return record->stack[0] ? hash : hash ^ record->tid;
}

/* Where another task hangs already, this one is counted there and told later, in one record for all. */
static __always_inline void add_to_fold(struct fold *fold, struct hungtask_record *record)
{
	/* While it is being told, only the number grows. */
	if (!__sync_lock_test_and_set(&fold->is_busy, 1)) {
		bpf_probe_read_kernel(&fold->last, sizeof(fold->last), record);
		__sync_lock_test_and_set(&fold->is_busy, 0);
	}
	__sync_fetch_and_add(&fold->pending, 1);
}

static __always_inline void tell_or_fold(struct fold *draft, struct event_counters *count)
{
	struct fold_key key = {
		.stack_hash = hash_stack(&draft->last),
		.cgroup_id = draft->last.cgroup_id,
		.detector = draft->last.detector,
	};
	struct fold *fold = bpf_map_lookup_elem(&folds, &key);

	if (fold) {
		add_to_fold(fold, &draft->last);
		return;
	}
	draft->told_ns = draft->last.time;
	/* Whoever has tasks hang in many places must not fill the log with those that find no room. */
	if (bpf_map_update_elem(&folds, &key, draft, BPF_NOEXIST) &&
	    !take_token_of(draft->tenant, draft->last.time)) {
		count->suppressed++;
		return;
	}
	if (!submit(&draft->last, count))
		bpf_map_delete_elem(&folds, &key);
}

struct telling {
	__u64 now_ns;
	struct event_counters *count;
	__u32 open;
};

static __always_inline void tell(struct fold *fold, struct telling *telling)
{
	__u32 pending = __sync_lock_test_and_set(&fold->pending, 0);

	fold->last.count = pending;
	fold->last.is_repeat = 1;
	fold->told_ns = telling->now_ns;
	telling->count->suppressed += pending - 1;
	submit(&fold->last, telling->count);
}

static long visit_fold(void *map, struct fold_key *key, struct fold *fold, struct telling *telling)
{
	if (telling->now_ns - fold->told_ns < fold_ns) {
		telling->open++;
		return 0;
	}
	if (!fold->pending) {
		bpf_map_delete_elem(map, key);
		return 0;
	}
	telling->open++;
	if (!take_token_of(fold->tenant, telling->now_ns) || __sync_lock_test_and_set(&fold->is_busy, 1))
		return 0;
	tell(fold, telling);
	__sync_lock_test_and_set(&fold->is_busy, 0);
	return 0;
}

#endif
