// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which cgroups come and go, and which network namespaces their processes are in. */
#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include <bpf/bpf_tracing.h>

/* TRACE_CGROUP_PATH_LEN, kernel/cgroup/cgroup-internal.h: the kernel cuts the end of what is longer. */
#define PATH_BYTES 1024
/* Pairs of a namespace and a cgroup that were told; one that is forgotten is only told again. */
#define PAIRS	   16384
/* From a process to the first one are few generations; a shell in a shell in a container adds some. */
#define ANCESTORS  128

/* Version 1 has a hierarchy for each controller; only those are told of that records speak of. Set before
 * load. */
const volatile __u32 task_hierarchy = 0;

enum cgroup_change { CGROUP_MADE, CGROUP_RENAMED, CGROUP_REMOVED };

struct cgroup_record {
	record_kind record_kind;
	nanoseconds time;
	cgroup_id cgroup_id;
	cgroup_id parent_id;
	__u32 hierarchy; /* 0 is the unified one */
	enum cgroup_change change;
	/* Empty where it was removed; of a path that the kernel cut only the cgroup's own name, which has no
	 * '/'. */
	char path[PATH_BYTES];
};
EVENT(cgroup_record);

struct namespace_record {
	record_kind record_kind;
	nanoseconds start_time; /* of the process */
	opaque_id cookie;
	cgroup_id cgroup_id;
	__u32 inode;
	__u32 pid;
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

static __always_inline void read_changed_path(struct cgroup_record *record, struct cgroup *cgroup,
					      const char *path)
{
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn);

	record->parent_id = BPF_CORE_READ(parent_directory(node), id);
	if (bpf_probe_read_kernel_str(record->path, PATH_BYTES, path) == PATH_BYTES)
		bpf_probe_read_kernel_str(record->path, PATH_BYTES, BPF_CORE_READ(node, name));
}

static __always_inline int tell_change(struct cgroup *cgroup, const char *path, enum cgroup_change change)
{
	__u32 hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id);
	struct event_counters *count = own_counters();
	struct cgroup_record *record;

	if ((hierarchy && hierarchy != task_hierarchy) || !count)
		return 0;
	count->seen++;
	record = RESERVE_RECORD(cgroup_record, count);
	if (!record)
		return 0;
	record->time = bpf_ktime_get_boot_ns();
	record->cgroup_id = read_cgroup_id(cgroup);
	record->hierarchy = hierarchy;
	record->change = change;
	if (change != CGROUP_REMOVED)
		read_changed_path(record, cgroup, path);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* kernel/cgroup/cgroup.c: the directory is there and has its id; the path is whole, from the hierarchy's
 * root. */
SEC("raw_tp/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	return tell_change(cgroup, path, CGROUP_MADE);
}

SEC("raw_tp/cgroup_rename")
int BPF_PROG(cgroup_rename, struct cgroup *cgroup, const char *path)
{
	return tell_change(cgroup, path, CGROUP_RENAMED);
}

SEC("raw_tp/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	return tell_change(cgroup, path, CGROUP_REMOVED);
}

static __always_inline int tell_namespace(struct task_struct *task)
{
	struct net *namespace = BPF_CORE_READ(task, nsproxy, net_ns);
	struct event_counters *count = own_counters();
	struct namespace_record *record;
	struct cgroup *cgroup;
	struct pair pair;
	__u8 told = 1;

	if (!namespace || (__u64) namespace == host_namespace.address || !count)
		return 0;
	cgroup = task_cgroup(task);
	pair.namespace_cookie = BPF_CORE_READ(namespace, net_cookie);
	pair.cgroup_id = read_cgroup_id(cgroup);
	if (bpf_map_update_elem(&pairs, &pair, &told, BPF_NOEXIST))
		return 0;
	count->seen++;
	record = RESERVE_RECORD(namespace_record, count);
	if (!record) {
		bpf_map_delete_elem(&pairs, &pair);
		return 0;
	}
	record->start_time = BPF_CORE_READ(task, start_boottime);
	record->cookie = pair.namespace_cookie;
	record->cgroup_id = pair.cgroup_id;
	record->inode = BPF_CORE_READ(namespace, ns.inum);
	record->pid = BPF_CORE_READ(task, tgid);
	read_cgroup_path(cgroup, record->cgroup);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* fs/exec.c: a runtime has moved the process into its cgroup and namespaces before it runs the container's
 * program. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task)
{
	return tell_namespace(task);
}

/* The first task of all, which no process list shows, has the namespaces that the machine was started with.
 */
static __always_inline void find_host_namespace(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net *namespace;

	for (int generation = 0; generation < ANCESTORS && BPF_CORE_READ(task, tgid); generation++)
		task = BPF_CORE_READ(task, real_parent);
	if (BPF_CORE_READ(task, tgid))
		return;
	namespace = BPF_CORE_READ(task, nsproxy, net_ns);
	host_namespace.cookie = BPF_CORE_READ(namespace, net_cookie);
	host_namespace.inode = BPF_CORE_READ(namespace, ns.inum);
	host_namespace.address = (__u64) namespace;
}

/* Run once at start: the processes that are there already, as far as this pid namespace shows them. */
SEC("iter/task")
int tell_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!task)
		return 0;
	if (!host_namespace.address)
		find_host_namespace();
	if (BPF_CORE_READ(task, pid) == BPF_CORE_READ(task, tgid))
		tell_namespace(task);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
