/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The way out of the kernel: one ring per object, and the counters that account for every record. */
#ifndef KERNTEL_RECORDS_H
#define KERNTEL_RECORDS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "event.h"

/* Per CPU; user space adds them up. The framework reads this map by its name and these field names. */
struct event_counters {
	event_count seen;
	event_count filtered;
	event_count aggregated;
	event_count suppressed;
	event_count ring_lost;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event_counters);
} counters SEC(".maps");

/* 1 MiB holds over 400 of the largest records: a burst while JavaScript is busy for a garbage collection. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

static __always_inline struct event_counters *own_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/*
 * Ring memory is reused: what a program does not fill must not show an older record. One store a word instead
 * of the six instructions of a loop; the first word is the kind.
 */
static __always_inline void write_empty_record(void *record, record_kind kind, __u32 size)
{
	*(record_kind *)record = kind;
#pragma unroll
	for (__u32 word = 1; word < size / sizeof(__u64); word++)
		((volatile __u64 *)record)[word] = 0;
}

/* Makes an empty record of what `record` points to, in the ring or in a map. */
#define BEGIN_RECORD(type, record)                                                                           \
	({                                                                                                   \
		_Static_assert(sizeof(struct type) % 8 == 0, "records are whole 64-bit words");              \
		_Static_assert(__builtin_offsetof(struct type, record_kind) == 0,                            \
			       "records begin with their kind");                                             \
		write_empty_record(record, RECORD_KIND(type), sizeof(struct type));                          \
	})

/* Space for one record, empty; NULL, and counted as lost, when the reader is behind. */
#define RESERVE_RECORD(type, count)                                                                          \
	({                                                                                                   \
		struct type *reserved = bpf_ringbuf_reserve(&records, sizeof(struct type), 0);               \
		if (reserved)                                                                                \
			BEGIN_RECORD(type, reserved);                                                        \
		else                                                                                         \
			(count)->ring_lost++;                                                                \
		reserved;                                                                                    \
	})

#endif
