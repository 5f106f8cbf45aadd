// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who was killed for want of memory, who asked for the memory, and what the victim held. */
#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include "shortage.h"
#include "victims.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES 32

struct oom_record {
	record_kind record_kind;
	nanoseconds time;
	cgroup_id victim_cgroup_id;
	cgroup_id trigger_cgroup_id;
	/* The memory cgroup whose limit was met; 0 where there is none. */
	cgroup_id limit_cgroup_id;
	page_count limit_pages;
	page_count usage_pages;
	page_count anonymous_pages;
	page_count file_pages;
	page_count shared_pages;
	page_count swap_pages;
	page_count virtual_pages;
	byte_count page_table_bytes;
	nanoseconds victim_start_time;
	kernel_address stack[STACK_FRAMES];
	__u32 cpu;
	__u32 victim_pid;
	__u32 victim_uid;
	__s32 victim_oom_score_adj;
	__u32 trigger_pid;
	__u32 trigger_tid;
	__s32 constraint;   /* enum oom_constraint, or -1 where only the stack shows */
	__u32 limit_source; /* enum limit_source */
	char victim_comm[16];
	char trigger_comm[16];
	cgroup_path victim_cgroup;
	cgroup_path trigger_cgroup;
	cgroup_path limit_cgroup;
};
EVENT(oom_record);

static __always_inline void describe_limit(struct oom_record *record, const struct memory_limit *limit)
{
	struct cgroup *cgroup;

	if (!limit->memory)
		return;
	cgroup = memory_cgroup(limit->memory);
	record->limit_source = limit->source;
	record->limit_pages = limit->limit_pages;
	record->usage_pages = limit->usage_pages;
	record->limit_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->limit_cgroup);
}

/* What is the same for all victims of one shortage. Without the kernel's word the victim's cgroups have to
 * do. */
static __always_inline void describe_shortage(struct oom_record *record, struct task_struct *victim)
{
	struct shortage *known = own_shortage();
	struct memory_limit limit = {};

	record->constraint = known ? constraint_of(known) : CONSTRAINT_UNKNOWN;
	if (known)
		limit = known->limit;
	else
		find_tightest(&limit, task_memory_cgroup(victim), SHARE_OF_HARD_LIMIT);
	describe_limit(record, &limit);
}

static __always_inline void describe_victim(struct oom_record *record, struct task_struct *victim)
{
	struct mm_struct *memory = BPF_CORE_READ(victim, mm);
	struct cgroup *cgroup = task_cgroup(victim);

	record->victim_pid = BPF_CORE_READ(victim, tgid);
	record->victim_uid = BPF_CORE_READ(victim, real_cred, uid.val);
	record->victim_oom_score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
	record->victim_start_time = BPF_CORE_READ(victim, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&record->victim_comm, victim, comm);
	record->victim_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->victim_cgroup);
	if (!memory)
		return;
	record->anonymous_pages = resident_pages(memory, ANONYMOUS_PAGES);
	record->file_pages = resident_pages(memory, FILE_PAGES);
	record->shared_pages = resident_pages(memory, SHARED_PAGES);
	record->swap_pages = resident_pages(memory, SWAP_ENTRIES);
	record->virtual_pages = BPF_CORE_READ(memory, total_vm);
	record->page_table_bytes = BPF_CORE_READ(memory, pgtables_bytes.counter);
}

static __always_inline void describe_trigger(struct oom_record *record)
{
	struct task_struct *trigger = (void *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();
	struct cgroup *cgroup = task_cgroup(trigger);

	record->trigger_pid = ids >> 32;
	record->trigger_tid = ids;
	bpf_get_current_comm(record->trigger_comm, sizeof(record->trigger_comm));
	record->trigger_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->trigger_cgroup);
}

/* oom:mark_victim, mm/oom_kill.c: the one place every OOM victim passes, whatever the constraint. */
SEC("tp_btf/mark_victim")
int BPF_PROG(mark_victim, struct task_struct *victim)
{
	struct event_counters *count = own_counters();
	struct oom_record *record;

	if (!count)
		return 0;
	count->seen++;
	if (is_marked_again(victim)) {
		count->filtered++;
		return 0;
	}
	record = RESERVE_RECORD(oom_record, count);
	if (!record)
		return 0;
	record->time = bpf_ktime_get_boot_ns();
	record->cpu = bpf_get_smp_processor_id();
	describe_victim(record, victim);
	describe_trigger(record);
	describe_shortage(record, victim);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* Optional: its argument says whose limit was met and what the shortage is confined to, the tracepoint does
 * not. */
SEC("kprobe/out_of_memory")
int BPF_KPROBE(shortage_begin, struct oom_control *control)
{
	return begin_shortage(control);
}

/* Its victims are all marked. */
SEC("kretprobe/out_of_memory")
int BPF_KRETPROBE(shortage_end)
{
	return end_shortage();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
