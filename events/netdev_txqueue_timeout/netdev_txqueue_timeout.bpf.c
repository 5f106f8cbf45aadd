// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Transmit queues that stand still: the kernel's watchdog gave up waiting, or completions came late. */
#include "hardware.h"
#include "records.h"
#include "limit.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Interfaces of all network namespaces by name; what comes beyond is only told, not counted by interface. */
#define INTERFACES 1024

enum timeout_kind {
	TIMEOUT_WATCHDOG,
	TIMEOUT_BYTE_QUEUE,
};

struct netdev_txqueue_timeout_record {
	record_kind record_kind;
	nanoseconds time;
	opaque_id netns_cookie;
	__u32 stalled_jiffies; /* of a stall, as what follows */
	__u32 threshold_jiffies;
	__u32 netns_inode;
	__u32 interface_index;
	__u32 queue;
	__u32 queues;
	__u32 kind;
	__u32 cpu;
	char interface[16];
	char driver[32];
};
EVENT(netdev_txqueue_timeout_record);

struct timeout_key {
	char interface[16];
	__u32 kind;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, INTERFACES);
	__type(key, struct timeout_key);
	__type(value, __u64);
} timeouts SEC(".maps");

static __always_inline void count_timeout(struct net_device *device, __u32 kind)
{
	struct timeout_key key = {.kind = kind};
	__u64 *count, zero = 0;

	if (device)
		BPF_CORE_READ_STR_INTO(&key.interface, device, name);
	count = bpf_map_lookup_elem(&timeouts, &key);
	if (!count) {
		bpf_map_update_elem(&timeouts, &key, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&timeouts, &key);
	}
	if (count)
		(*count)++;
}

/* As netdev_drivername(), net/core/dev.c: the driver of what the interface sits on. */
static __always_inline void describe_device(struct netdev_txqueue_timeout_record *record,
					    struct net_device *device)
{
	struct net_device___queues *hardware = (void *)device;
	struct device *parent;

	if (!device)
		return;
	record->interface_index = BPF_CORE_READ(device, ifindex);
	record->queues = BPF_CORE_READ(hardware, num_tx_queues);
	record->netns_inode = BPF_CORE_READ(device, nd_net.net, ns.inum);
	record->netns_cookie = BPF_CORE_READ(device, nd_net.net, net_cookie);
	BPF_CORE_READ_STR_INTO(&record->interface, device, name);
	parent = BPF_CORE_READ(hardware, dev.parent);
	if (parent && BPF_CORE_READ(parent, driver))
		bpf_probe_read_kernel_str(&record->driver, sizeof(record->driver),
					  BPF_CORE_READ(parent, driver, name));
}

static __always_inline struct netdev_txqueue_timeout_record *begin(struct net_device *device, __u32 kind)
{
	struct event_counters *count = own_counters();
	__u64 now_ns = bpf_ktime_get_boot_ns();
	struct netdev_txqueue_timeout_record *record;

	if (!count)
		return NULL;
	count->seen++;
	count_timeout(device, kind);
	if (!take_token(now_ns)) {
		count->suppressed++;
		return NULL;
	}
	record = RESERVE_RECORD(netdev_txqueue_timeout_record, count);
	if (!record)
		return NULL;
	record->time = now_ns;
	record->kind = kind;
	record->cpu = bpf_get_smp_processor_id();
	describe_device(record, device);
	return record;
}

/* net:net_dev_xmit_timeout, net/sched/sch_generic.c: once for each queue that stands at each look of the
 * watchdog. */
SEC("tp_btf/net_dev_xmit_timeout")
int BPF_PROG(net_dev_xmit_timeout, struct net_device *device, int queue)
{
	struct netdev_txqueue_timeout_record *record = begin(device, TIMEOUT_WATCHDOG);

	if (!record)
		return 0;
	record->queue = queue;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/*
 * napi:dql_stall_detected since 6.9, lib/dynamic_queue_limits.c: completions came, but later than the
 * threshold that somebody set in sysfs (stall_thrs). It names no device; its last argument lies within the
 * queue that does.
 */
SEC("tp_btf/dql_stall_detected")
int BPF_PROG(dql_stall_detected, unsigned short threshold, unsigned int stalled, unsigned long last_reap,
	     unsigned long history_head, unsigned long now, unsigned long *history)
{
	__u64 start = (__u64)history - bpf_core_field_offset(struct dql, history) -
		      bpf_core_field_offset(struct netdev_queue, dql);
	struct net_device *device = BPF_CORE_READ((struct netdev_queue *)start, dev);
	struct net_device___queues *hardware = (void *)device;
	__u64 first = (__u64)BPF_CORE_READ(hardware, _tx);
	__u32 size = bpf_core_type_size(struct netdev_queue);
	__u64 queue = size ? (start - first) / size : 0;
	struct netdev_txqueue_timeout_record *record;

	/* Whoever embeds a dql in something else than a queue. */
	if (start < first || queue >= BPF_CORE_READ(hardware, num_tx_queues))
		device = NULL;
	record = begin(device, TIMEOUT_BYTE_QUEUE);
	if (!record)
		return 0;
	record->queue = device ? queue : 0;
	record->stalled_jiffies = stalled;
	record->threshold_jiffies = threshold;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
