// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two kinds of records of one size, and what is no record of either. */
#include "records.h"

struct first_record {
	record_kind record_kind;
	unsigned_number number;
};

struct second_record {
	record_kind record_kind;
	unsigned_number number;
};

/* Has another size than its reader says. */
struct third_record {
	record_kind record_kind;
	unsigned_number number;
};

static void write_raw(struct event_counters *count, __u64 first_word, __u64 size)
{
	__u64 words[3] = {first_word, 77, 77};

	count->seen++;
	if (bpf_ringbuf_output(&records, words, size, 0))
		count->ring_lost++;
}

SEC("syscall")
int write_kinds(void *ctx)
{
	struct event_counters *count = own_counters();
	struct second_record *second;
	struct first_record *first;
	struct third_record *third;

	if (!count)
		return 1;
	count->seen += 3;
	first = RESERVE_RECORD(first_record, count);
	if (first) {
		first->number = 1;
		bpf_ringbuf_submit(first, 0);
	}
	third = RESERVE_RECORD(third_record, count);
	if (third)
		bpf_ringbuf_submit(third, 0);
	write_raw(count, RECORD_KIND(first_record), 3 * sizeof(__u64));
	write_raw(count, 0, 2 * sizeof(__u64));
	write_raw(count, 1ull << 32 | RECORD_KIND(first_record), 2 * sizeof(__u64));
	write_raw(count, RECORD_KIND(first_record), 4);
	second = RESERVE_RECORD(second_record, count);
	if (second) {
		second->number = 2;
		bpf_ringbuf_submit(second, 0);
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
