// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks for tokens of a limit in a time that the test makes up: by itself it happens in no order that a test
 * could know. */
#include "kernel.h"
#include "tenant-limit.h"
#include <bpf/bpf_tracing.h>

struct turn {
	__u64 tenant;
	__u64 first_ns;
	__u64 every_ns;
	__u64 attempts;
	__u64 granted; /* the answer */
};

/* A tenant that wants `attempts` tokens, evenly. */
SEC("syscall")
int take_shared(struct turn *turn)
{
	__u64 granted = 0;

	for (__u32 attempt = 0; attempt < 64 && attempt < turn->attempts; attempt++)
		granted += take_token_of(turn->tenant, turn->first_ns + attempt * turn->every_ns);
	turn->granted = granted;
	return 0;
}

/* The same of the machine's bucket alone. */
SEC("syscall")
int take_unshared(struct turn *turn)
{
	__u64 granted = 0;

	for (__u32 attempt = 0; attempt < 64 && attempt < turn->attempts; attempt++)
		granted += take_token(turn->first_ns + attempt * turn->every_ns);
	turn->granted = granted;
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
	struct net *namespace;
	__u64 tenant;
	__u32 pid;

	if (!task)
		return 0;
	pid = task->pid;
	namespace = BPF_CORE_READ(task, nsproxy, net_ns);
	place_in_cgroup(&place, task_cgroup(task));
	place.namespace = (__u64) namespace;
	place.cookie = namespace ? BPF_CORE_READ(namespace, net_cookie) : 0;
	tenant = tenant_at(&place, bpf_ktime_get_boot_ns());
	bpf_map_update_elem(&tenant_of_process, &pid, &tenant, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
