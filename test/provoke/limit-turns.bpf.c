// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks for tokens of a limit in a time that the test makes up: by itself it happens in no order that a test
 * could know. */
#include "kernel.h"
#include "tenant-limit.h"
#include <bpf/bpf_tracing.h>

#define MOST_ATTEMPTS 100000

struct turn {
	__u64 tenant; /* the first of `tenants`, which have numbers one after the other */
	__u64 tenants;
	__u64 first_ns;
	__u64 every_ns;
	__u64 attempts; /* of each, by turns */
	__u64 offset;	/* who begins */
	__u64 is_shared;
};

/* Tokens by tenant. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, __u64);
	__type(value, __u64);
} granted SEC(".maps");

static void count_granted(__u64 tenant)
{
	__u64 *count = bpf_map_lookup_elem(&granted, &tenant);
	__u64 one = 1;

	if (count)
		(*count)++;
	else
		bpf_map_update_elem(&granted, &tenant, &one, BPF_ANY);
}

static long attempt(__u32 index, struct turn *turn)
{
	__u64 tenants = turn->tenants ? turn->tenants : 1;
	__u64 tenant = turn->tenant + (index + turn->offset) % tenants;
	__u64 now_ns = turn->first_ns + index / tenants * turn->every_ns;

	if (turn->is_shared ? take_token_of(tenant, now_ns) : take_token(now_ns))
		count_granted(tenant);
	return 0;
}

/* Tenants that want tokens evenly; `is_shared`: without shares there is the machine's bucket alone. */
SEC("syscall")
int take(struct turn *context)
{
	struct turn turn = *context;
	__u64 attempts = turn.tenants * turn.attempts;

	bpf_loop(attempts < MOST_ATTEMPTS ? attempts : MOST_ATTEMPTS, attempt, &turn, 0);
	return 0;
}

/* Whose doing a process is, by its cgroup and its network namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} tenant_of_process SEC(".maps");

SEC("iter/task")
int find_tenants(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct tenant_place place = {};
	__u64 tenant;
	__u32 pid;

	if (!task)
		return 0;
	pid = task->pid;
	place_in_cgroup(&place, typed_task_cgroup(task));
	if (task->nsproxy)
		place_in_namespace(&place, task->nsproxy->net_ns);
	tenant = tenant_at(&place, bpf_ktime_get_boot_ns());
	bpf_map_update_elem(&tenant_of_process, &pid, &tenant, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
