// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which cgroups come and go, and which network namespaces their processes are in. */
#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include "budget.h"
#include "namespaces.h"
#include <bpf/bpf_tracing.h>

/* TRACE_CGROUP_PATH_LEN, kernel/cgroup/cgroup-internal.h: the kernel cuts the end of what is longer. */
#define PATH_BYTES 1024
/* From a process to the first one are few generations; a shell in a shell in a container adds some. */
#define ANCESTORS  128

/* Version 1 has a hierarchy for each controller; only those are told of that records speak of. Set before
 * load. */
const volatile __u32 task_hierarchy = 0;

enum cgroup_change { CGROUP_MADE, CGROUP_RENAMED };

struct cgroup_record {
	record_kind record_kind;
	nanoseconds time;
	cgroup_id cgroup_id;
	cgroup_id parent_id;
	cgroup_id delegate_id; /* topmost directory on the way to it that is not root's; 0 where all are */
	__u32 hierarchy;       /* 0 is the unified one */
	enum cgroup_change change;
	__u32 delegate_uid;    /* whose that directory is */
	__u32 maker_uid;       /* real uid of the task that made or renamed it */
	__u32 maker_namespace; /* nesting level of that task's user namespace; 0 is the initial one */
	__u32 _pad;
	/* Of a path that the kernel cut only the cgroup's own name, which has no '/'. */
	char path[PATH_BYTES];
};
EVENT(cgroup_record);

struct cgroup_removal_record {
	record_kind record_kind;
	nanoseconds time;
	cgroup_id cgroup_id;
	__u32 hierarchy;
	__u8 _pad[4];
};
EVENT(cgroup_removal_record);

static __always_inline void read_maker(struct cgroup_record *record)
{
	const struct cred *cred = bpf_get_current_task_btf()->cred;

	record->maker_uid = cred->uid.val;
	record->maker_namespace = cred->user_ns->level;
}

static __always_inline void read_changed_path(struct cgroup_record *record, struct kernfs_node *node,
					      const char *path)
{
	struct kernfs_node *above = directory_above(node);

	record->parent_id = above ? above->id : 0;
	if (bpf_probe_read_kernel_str(record->path, PATH_BYTES, path) == PATH_BYTES)
		bpf_probe_read_kernel_str(record->path, PATH_BYTES, node->name);
}

static __always_inline bool is_followed(__u32 hierarchy)
{
	return !hierarchy || hierarchy == task_hierarchy;
}

static __always_inline int report_change(struct cgroup *cgroup, const char *path, enum cgroup_change change)
{
	struct budget_key key = {.id = cgroup->kn->id};
	struct event_counters *count = own_counters();
	struct cgroup_record *record;
	struct delegate delegate;
	struct budget *budget;
	__u8 is_reported = 1;

	key.hierarchy = cgroup->root->hierarchy_id;
	if (!is_followed(key.hierarchy) || !count)
		return 0;
	count->seen++;
	delegate = find_delegate(cgroup);
	if (delegate.id) {
		budget = find_budget(delegate.is_too_deep ? 0 : delegate.id, key.hierarchy);
		if (!budget || !take_from_budget(&budget->made_due_ns, bpf_ktime_get_boot_ns())) {
			count->suppressed++;
			return 0;
		}
	}
	record = RESERVE_RECORD(cgroup_record, count);
	if (!record)
		return 0;
	record->time = bpf_ktime_get_boot_ns();
	record->cgroup_id = key.id;
	record->hierarchy = key.hierarchy;
	record->change = change;
	record->delegate_id = delegate.id;
	record->delegate_uid = delegate.uid;
	read_maker(record);
	read_changed_path(record, cgroup->kn, path);
	bpf_ringbuf_submit(record, 0);
	if (delegate.id)
		bpf_map_update_elem(&reported, &key, &is_reported, BPF_ANY);
	return 0;
}

/* kernel/cgroup/cgroup.c: the directory is there, has its id and its owner; the path is whole, from the
 * hierarchy's root. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	return report_change(cgroup, path, CGROUP_MADE);
}

SEC("tp_btf/cgroup_rename")
int BPF_PROG(cgroup_rename, struct cgroup *cgroup, const char *path)
{
	return report_change(cgroup, path, CGROUP_RENAMED);
}

/* Whether user space may know this cgroup of a user's; one that was there before is in no map. */
static __always_inline bool may_be_known(const struct budget_key *key, const struct delegate *delegate)
{
	struct budget *budget;

	if (!bpf_map_delete_elem(&reported, key))
		return true;
	budget = find_budget(delegate->is_too_deep ? 0 : delegate->id, key->hierarchy);
	return budget && take_from_budget(&budget->removed_due_ns, bpf_ktime_get_boot_ns());
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	struct budget_key key = {.id = cgroup->kn->id};
	struct event_counters *count = own_counters();
	struct cgroup_removal_record *record;
	struct delegate delegate;

	key.hierarchy = cgroup->root->hierarchy_id;
	if (!is_followed(key.hierarchy) || !count)
		return 0;
	count->seen++;
	delegate = find_delegate(cgroup);
	if (delegate.id && !may_be_known(&key, &delegate)) {
		count->suppressed++;
		return 0;
	}
	record = RESERVE_RECORD(cgroup_removal_record, count);
	if (!record)
		return 0;
	record->time = bpf_ktime_get_boot_ns();
	record->cgroup_id = key.id;
	record->hierarchy = key.hierarchy;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* fs/exec.c: a runtime has moved the process into its cgroup and namespaces before it runs the container's
 * program. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task)
{
	return report_namespace(task);
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
		report_namespace(task);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
