/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is counted of each stage, and the records of late packets. */
#ifndef KERNTEL_LATE_REPORT_H
#define KERNTEL_LATE_REPORT_H

#include "records.h"
#include "tenant-limit.h"
#include "histogram.h"
#include "stamp.h"
#include "late-packet.h"
#include "udp-queue.h"

#define STAGES		  3
/* What is older than this was stamped by a clock that has been set since. */
#define OLDEST_NS	  600000000000ull
/* The kernel's quick clock reading may lag behind its exact one by a bit
 * (kernel/time/timekeeping.c). */
#define CLOCK_DISORDER_NS 1000000

struct stage_counts {
	struct duration_histogram durations;
	event_count late;
	event_count unmeasured;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STAGES);
	__type(key, __u32);
	__type(value, struct stage_counts);
} stages SEC(".maps");

static __always_inline struct stage_counts *counts_of(enum latency_stage stage)
{
	__u32 index = stage;

	return bpf_map_lookup_elem(&stages, &index);
}

/* NULL: not to be described. */
static __always_inline struct net_rx_latency_record *begin_record(const struct tenant_place *place,
								  enum latency_stage stage, __u64 age,
								  __u64 threshold, bool is_departure)
{
	struct event_counters *count = own_counters();
	struct stage_counts *counts = counts_of(stage);
	struct net_rx_latency_record *record;
	__u64 now_ns = bpf_ktime_get_boot_ns();

	if (!count || !counts)
		return NULL;
	if (age + CLOCK_DISORDER_NS < CLOCK_DISORDER_NS) {
		count_duration(&counts->durations, 0);
		return NULL;
	}
	if (age > OLDEST_NS) {
		/* TCP may have meant a packet to leave later than it did. */
		if (!is_departure)
			counts->unmeasured++;
		return NULL;
	}
	count_duration(&counts->durations, age);
	counts->late++;
	count->seen++;
	if (!take_token_at(place, now_ns)) {
		count->suppressed++;
		return NULL;
	}
	record = RESERVE_RECORD(net_rx_latency_record, count);
	if (!record)
		return NULL;
	record->time = now_ns;
	record->latency = age;
	record->threshold = threshold;
	record->stage = stage;
	return record;
}

static __always_inline int put_aside(struct net_rx_latency_record *record)
{
	struct event_counters *count = own_counters();

	if (count)
		count->filtered++;
	bpf_ringbuf_discard(record, 0);
	return 0;
}

/* Not inlined: what is rare keeps out of the way of what is not. */
static __noinline int report(struct sk_buff *packet, struct sock *socket, enum latency_stage stage, __u64 age,
			     __u64 threshold)
{
	enum stamp_clock clock = clock_of(packet);
	struct net_rx_latency_record *record;
	struct tenant_place place = {};

	if (socket)
		place_of_socket(&place, socket);
	else
		place_in_namespace(&place, packet->dev->nd_net.net);
	record = begin_record(&place, stage, age, threshold, clock == CLOCK_MONOTONIC);
	if (!record)
		return 0;
	record->stamp = packet->tstamp;
	record->clock = clock;
	if (!read_flow(record, packet))
		return put_aside(record);
	describe(record, packet, socket);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

static __noinline int report_read(struct sock *socket, struct unread_datagram *datagram, __u64 age,
				  __u64 threshold, int length)
{
	struct net_rx_latency_record *record;
	struct tenant_place place = {};

	place_of_socket(&place, socket);
	record = begin_record(&place, STAGE_TO_USER, age, threshold, false);
	if (!record)
		return 0;
	record->stamp = datagram->stamp;
	record->clock = CLOCK_REAL;
	record->length_bytes = length;
	record->cpu = bpf_get_smp_processor_id();
	if (!read_flow_at(record, datagram->ethertype, datagram->headers))
		return put_aside(record);
	describe_socket(record, socket);
	describe_reader(record, true);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

#endif
