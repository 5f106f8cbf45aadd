/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which network namespaces processes are in: each pair of a namespace and a cgroup is reported once. */
#ifndef KERNTEL_NAMESPACES_H
#define KERNTEL_NAMESPACES_H

#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include "budget.h"

/* Pairs of a namespace and a cgroup that were reported; one that is forgotten is only reported again. */
#define PAIRS	   16384
/* Those of users have a map of their own, so that they displace only each other. */
#define USER_PAIRS 4096

struct namespace_record {
	record_kind record_kind;
	nanoseconds start_time; /* of the process */
	opaque_id cookie;
	cgroup_id cgroup_id;
	__u32 inode;
	__u32 pid;
	__u32 owner_uid; /* who made the outermost user namespace around it */
	__u8 _pad[4];
	cgroup_path cgroup;
};
EVENT(namespace_record);

/* The machine's own network namespace, where nearly all that is started outside of containers is. */
struct {
	__u64 address;
	opaque_id cookie;
	__u32 inode;
	__u32 _pad;
} host_namespace SEC(".data.host");

struct pair {
	__u64 namespace_cookie;
	__u64 cgroup_id;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PAIRS);
	__type(key, struct pair);
	__type(value, __u8);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, USER_PAIRS);
	__type(key, struct pair);
	__type(value, __u8);
} user_pairs SEC(".maps");

/* True once for each pair; false, and counted, where its user has no budget left: then it is tried again at
 * the next program that is started there. */
static __always_inline bool is_to_report(const struct pair *pair, __u32 owner_uid,
					 struct event_counters *count)
{
	__u8 is_reported = 1;
	struct budget *budget;

	if (!owner_uid) {
		if (bpf_map_update_elem(&pairs, pair, &is_reported, BPF_NOEXIST))
			return false;
		count->seen++;
		return true;
	}
	if (bpf_map_update_elem(&user_pairs, pair, &is_reported, BPF_NOEXIST))
		return false;
	count->seen++;
	budget = find_budget(owner_uid, OF_NAMESPACES);
	if (budget && take_from_budget(&budget->made_due_ns, bpf_ktime_get_boot_ns()))
		return true;
	count->suppressed++;
	bpf_map_delete_elem(&user_pairs, pair);
	return false;
}

static __always_inline int report_namespace(struct task_struct *task)
{
	struct net *namespace = BPF_CORE_READ(task, nsproxy, net_ns);
	struct event_counters *count = own_counters();
	struct namespace_record *record;
	struct cgroup *cgroup;
	struct pair pair;
	__u32 owner_uid;

	if (!namespace || (__u64) namespace == host_namespace.address || !count)
		return 0;
	cgroup = task_cgroup(task);
	pair.namespace_cookie = BPF_CORE_READ(namespace, net_cookie);
	pair.cgroup_id = read_cgroup_id(cgroup);
	owner_uid = namespace_uid(namespace);
	if (!is_to_report(&pair, owner_uid, count))
		return 0;
	record = RESERVE_RECORD(namespace_record, count);
	if (!record) {
		if (owner_uid)
			bpf_map_delete_elem(&user_pairs, &pair);
		else
			bpf_map_delete_elem(&pairs, &pair);
		return 0;
	}
	record->start_time = BPF_CORE_READ(task, start_boottime);
	record->cookie = pair.namespace_cookie;
	record->cgroup_id = pair.cgroup_id;
	record->inode = BPF_CORE_READ(namespace, ns.inum);
	record->pid = BPF_CORE_READ(task, tgid);
	record->owner_uid = owner_uid;
	read_cgroup_path(cgroup, record->cgroup);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

#endif
