// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts requests to disks by the cgroup that they are accounted to. */
#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include <bpf/bpf_tracing.h>

#define CGROUPS 1024

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CGROUPS);
	__type(key, __u64);
	__type(value, __u64);
} requests SEC(".maps");

/* block/blk-mq.c: the request is about to go to the driver, with the bios of whoever asked. */
SEC("raw_tp/block_rq_issue")
int BPF_PROG(count_request, struct request *request)
{
	struct cgroup *cgroup = request_cgroup(request);
	__u64 id = cgroup ? read_cgroup_id(cgroup) : 0;
	__u64 one = 1, *count = bpf_map_lookup_elem(&requests, &id);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&requests, &id, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
