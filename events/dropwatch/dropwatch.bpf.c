// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets that the kernel threw away: counted by reason, every one; of each kind and window the first is
 * described as far as the limit allows, the rest are told by a count.
 */
#include "kernel.h"
#include "records.h"
#include "tenant-limit.h"
#include "counts.h"
#include "noise.h"
#include "place.h"
#include "interpret.h"
#include "kind.h"
#include "describe.h"
#include "window.h"
#include "hardware.h"
#include <bpf/bpf_tracing.h>

/* Whether nobody wants to hear of this drop; counted by the rule that says so. */
static __always_inline bool is_filtered(struct drop_counts *own, struct event_counters *count,
					struct sk_buff *packet, __u64 location, __u32 reason)
{
	__u32 rule = find_noise(packet, location, reason);
	__u32 in_force = filter_in_force;

	if (!rule && (!in_force || wants_packet(packet, in_force)))
		return false;
	count_rule(own, rule);
	count->filtered++;
	return true;
}

static __always_inline int handle(void *ctx, struct sk_buff *packet, void *location, __u32 reason,
				  struct sock *socket, struct drop_counts *own)
{
	struct drop_kind kind = {.location = find_place(ctx, (__u64)location), .reason = reason};
	struct event_counters *count = own_counters();
	struct net_device *device;
	__u64 current = window;
	struct kind_slot *slot;
	bool is_first = false;
	__u64 now_ns;

	if (!count)
		return 0;
	count->seen++;
	count_reason(own, reason);
	if (is_filtered(own, count, packet, kind.location, reason))
		return 0;
	device = packet_device(packet);
	identify(&kind, device, socket);
	slot = current ? find_slot(fingerprint_of(&kind), current, &is_first) : NULL;
	if (slot) {
		slot->last_jiffies = bpf_jiffies64();
		__sync_fetch_and_add(&slot->count, 1);
		if (!is_first) {
			count->aggregated++;
			return 0;
		}
	} else if (current) {
		own->unsummarized++;
	}
	now_ns = bpf_ktime_get_boot_ns();
	device = certain_device(&kind, device, socket);
	if (slot)
		found_kind(slot, &kind, device, socket, now_ns);
	if (may_describe(device, socket, now_ns)) {
		bool is_described = describe(ctx, &kind, packet, device, socket, slot, now_ns, count);

		if (is_described)
			known_window = current;
		if (slot)
			finish_slot(slot, is_described ? FIRST_DROP_DESCRIBED : FIRST_DROP_COUNTED);
		return 0;
	}
	if (slot) {
		count->aggregated++;
		finish_slot(slot, FIRST_DROP_COUNTED);
		notice_window(current, now_ns);
	} else {
		count->suppressed++;
	}
	return 0;
}

/*
 * Whether there is a receiving socket. Asked of a copy that went through memory, because the verifiers
 * of 6.11 and of 6.12 before 6.12.6 take the argument for one that is never NULL and remove the question.
 */
static __always_inline bool is_known(struct sock *receiver, struct drop_counts *own)
{
	own->scratch = (__u64)receiver;
	return *(volatile __u64 *)&own->scratch != 0;
}

/* skb:kfree_skb since 6.11: the receiving socket is known even where the packet does not point to it. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_with_receiver, struct sk_buff *packet, void *location, int reason, struct sock *receiver)
{
	struct drop_counts *own = own_drop_counts();
	struct sock *socket;

	if (!own)
		return 0;
	socket = is_known(receiver, own) && receiver ? receiver : packet->sk;
	return handle(ctx, packet, location, reason, socket, own);
}

/* skb:kfree_skb since 5.17 */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop_with_reason, struct sk_buff *packet, void *location, int reason)
{
	struct drop_counts *own = own_drop_counts();

	return own ? handle(ctx, packet, location, reason, packet->sk, own) : 0;
}

/* skb:kfree_skb before: no reason is told. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(drop, struct sk_buff *packet, void *location)
{
	struct drop_counts *own = own_drop_counts();

	return own ? handle(ctx, packet, location, 0, packet->sk, own) : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
