/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How old a packet is, by the clock that its time stamp was taken from. */
#ifndef KERNTEL_STAMP_H
#define KERNTEL_STAMP_H

#include "kernel.h"
#include "settings.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* enum skb_tstamp_type, include/linux/skbuff.h */
enum stamp_clock {
	CLOCK_REAL,
	CLOCK_MONOTONIC, /* when TCP of this machine meant the packet to leave */
	CLOCK_TAI,
};

/*
 * Whether the kernel lets us read TAI (6.1). It differs from real time by whole
 * seconds that change every few years, and follows every step of the wall clock
 * by itself.
 */
const volatile bool has_tai_clock = false;
/* From TAI, or else from the monotonic clock, to real time. */
SETTING __u64 clock_offset_ns = 0;

static __always_inline enum stamp_clock clock_of(struct sk_buff *packet)
{
	struct sk_buff___delivery *older = (void *)packet;

	if (bpf_core_field_exists(packet->tstamp_type))
		return BPF_CORE_READ_BITFIELD(packet, tstamp_type);
	if (bpf_core_field_exists(older->mono_delivery_time))
		return BPF_CORE_READ_BITFIELD(older, mono_delivery_time);
	return CLOCK_REAL;
}

/* Wraps below zero where the stamp lies ahead. */
static __always_inline __u64 age_of(enum stamp_clock clock, __u64 stamp)
{
	if (clock == CLOCK_MONOTONIC)
		return bpf_ktime_get_ns() - stamp;
	if (!has_tai_clock)
		return bpf_ktime_get_ns() + clock_offset_ns - stamp;
	if (clock == CLOCK_TAI)
		return bpf_ktime_get_tai_ns() - stamp;
	return bpf_ktime_get_tai_ns() + clock_offset_ns - stamp;
}

#endif
