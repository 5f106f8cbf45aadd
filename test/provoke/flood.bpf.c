// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Submits numbered records as fast as it can, the way every event does, so that what a full ring loses is
 * known. */
#include "records.h"

/* As large as the records of most events, so that the ring is full after some thousands. */
#define PADDING 488

struct flood_record {
	record_kind record_kind;
	unsigned_number number;
	__u8 padding[PADDING];
};

const volatile __u32 flood_records = 0;

static int submit_one(__u32 number, void *ctx)
{
	struct event_counters *count = own_counters();
	struct flood_record *record;

	if (!count)
		return 1;
	count->seen++;
	record = RESERVE_RECORD(flood_record, count);
	if (record) {
		record->number = number;
		bpf_ringbuf_submit(record, 0);
	}
	return 0;
}

SEC("syscall")
int flood(void *ctx)
{
	return bpf_loop(flood_records, submit_one, NULL, 0) != flood_records;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
