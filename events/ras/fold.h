/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Storms folded: of equal errors the first goes out, the others are counted until their window ends. Two
 * errors are equal when source, severity, place and kind are; addresses and counters differ.
 */
#ifndef KERNTEL_RAS_FOLD_H
#define KERNTEL_RAS_FOLD_H

#include "event.h"
#include "records.h"
#include "settings.h"

/* Different errors at one time; of those beyond, the one that was quiet longest begins anew. */
#define FOLDS	    1024
#define NAME_BYTES  32
#define SEVERITIES  8
#define RAS_SOURCES 8

enum ras_source {
	RAS_MCE,
	RAS_EDAC,
	RAS_CPER,
	RAS_ARM,
	RAS_AER,
	RAS_MEMORY_FAILURE,
	RAS_EXTLOG,
};

/* Of a machine check; the other sources bring their own. */
enum mce_severity {
	MCE_CORRECTED,
	MCE_UNCORRECTED,
	MCE_FATAL,
	MCE_DEFERRED_ERROR,
};

#define SEVERITY_UNKNOWN (SEVERITIES - 1)

SETTING __u64 window_ns = 0;

/* What every record begins with. */
struct ras_head {
	nanoseconds time;
	event_count total;   /* of errors that are equal to this one, since the first */
	event_count fold_id; /* names the fold; 0 where there was no room for it */
	__u32 severity;	     /* in the words of its source */
	__u32 cpu;
};

struct fold_key {
	__u32 source;
	__u32 severity;
	__u64 first;
	__u64 second;
	char name[NAME_BYTES];
};

struct fold {
	__u64 id;
	__u64 opened_ns;
	__u64 last_ns;
	__u64 total;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FOLDS);
	__type(key, struct fold_key);
	__type(value, struct fold);
} folds SEC(".maps");

struct error_key {
	__u32 source;
	__u32 severity;
};

/* Every error, folded or not. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, RAS_SOURCES *SEVERITIES);
	__type(key, struct error_key);
	__type(value, __u64);
} errors SEC(".maps");

__u64 last_fold_id = 0;

static __always_inline void count_errors(__u32 source, __u32 severity, __u64 weight)
{
	struct error_key key = {.source = source,
				.severity = severity < SEVERITIES ? severity : SEVERITIES - 1};
	__u64 *count = bpf_map_lookup_elem(&errors, &key);
	__u64 zero = 0;

	if (!count) {
		bpf_map_update_elem(&errors, &key, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&errors, &key);
	}
	if (count)
		*count += weight;
}

/* Whether this error is to be told; fills what every record begins with. `weight`: how many errors it stands
 * for. */
static __always_inline bool open_fold(struct fold_key *key, struct ras_head *head, __u64 weight)
{
	struct fold *fold = bpf_map_lookup_elem(&folds, key);
	struct fold fresh = {};

	count_errors(key->source, key->severity, weight);
	head->time = bpf_ktime_get_boot_ns();
	head->severity = key->severity;
	head->cpu = bpf_get_smp_processor_id();
	if (!fold) {
		fresh.id = __sync_fetch_and_add(&last_fold_id, 1) + 1;
		fresh.opened_ns = head->time;
		fresh.last_ns = head->time;
		fresh.total = weight;
		head->total = weight;
		/* Another CPU may have been first: then this one is told as well, which harms nobody. */
		if (!bpf_map_update_elem(&folds, key, &fresh, BPF_NOEXIST))
			head->fold_id = fresh.id;
		return true;
	}
	head->total = __sync_fetch_and_add(&fold->total, weight) + weight;
	head->fold_id = fold->id;
	fold->last_ns = head->time;
	if (head->time - fold->opened_ns < window_ns)
		return false;
	fold->opened_ns = head->time;
	return true;
}

#endif
