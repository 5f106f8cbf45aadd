/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a record says of a victim, of who asked for the memory, and of the shortage that it died of. */
#ifndef KERNTEL_OOM_RECORD_H
#define KERNTEL_OOM_RECORD_H

#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include "memory-limit.h"
#include "victims.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define STACK_FRAMES 32

struct oom_record {
	record_kind record_kind;
	/* The victim that held most so far. */
	nanoseconds time;
	cgroup_id victim_cgroup_id;
	cgroup_id trigger_cgroup_id;
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
	char victim_comm[16];
	char trigger_comm[16];
	cgroup_path victim_cgroup;
	cgroup_path trigger_cgroup;
	/* The shortage, as it was when its first victim was chosen. */
	opaque_id shortage;	   /* its name: nanoseconds since boot of its first victim */
	cgroup_id limit_cgroup_id; /* of the memory cgroup whose limit was met; 0 where there is none */
	page_count limit_pages;
	page_count usage_pages;
	nanoseconds last_time; /* of its last victim so far */
	event_count count;     /* victims that this record stands for */
	__s32 constraint;      /* enum oom_constraint, or -1 where only the stack shows */
	__u32 limit_source;    /* enum limit_source */
	__u32 is_end;	       /* 0: its first record; 1: its last, about victims that came after that */
	__u32 _pad;
	cgroup_path limit_cgroup;
};
EVENT(oom_record);

/* How much of a record is about the victim; the rest is about the shortage. */
#define VICTIM_BYTES __builtin_offsetof(struct oom_record, shortage)

/* A shortage began. */
struct oom_notice {
	record_kind record_kind;
	nanoseconds time;
};
EVENT(oom_notice);

/* Of a cgroup whose path was read already. */
#define copy_path(to, from) __builtin_memcpy(to, from, CGROUP_PATH_BYTES)

/* In pages, what the kernel chooses its victims by (oom_badness, mm/oom_kill.c), without oom_score_adj. Page
 * tables are counted in pages of 4 KiB on every machine: they only decide between equals. All is zero for a
 * process that has let go of its memory. */
static __always_inline __u64 read_held(struct oom_record *record, struct task_struct *victim)
{
	struct mm_struct *memory = BPF_CORE_READ(victim, mm);

	if (!memory)
		return 0;
	record->anonymous_pages = resident_pages(memory, ANONYMOUS_PAGES);
	record->file_pages = resident_pages(memory, FILE_PAGES);
	record->shared_pages = resident_pages(memory, SHARED_PAGES);
	record->swap_pages = resident_pages(memory, SWAP_ENTRIES);
	record->page_table_bytes = BPF_CORE_READ(memory, pgtables_bytes.counter);
	record->virtual_pages = BPF_CORE_READ(memory, total_vm);
	return record->anonymous_pages + record->file_pages + record->shared_pages + record->swap_pages +
	       (record->page_table_bytes >> 12);
}

static __always_inline struct cgroup *describe_victim(struct oom_record *record, struct task_struct *victim)
{
	struct cgroup *cgroup = task_cgroup(victim);

	record->victim_pid = BPF_CORE_READ(victim, tgid);
	record->victim_uid = BPF_CORE_READ(victim, real_cred, uid.val);
	record->victim_oom_score_adj = BPF_CORE_READ(victim, signal, oom_score_adj);
	record->victim_start_time = BPF_CORE_READ(victim, group_leader, start_boottime);
	BPF_CORE_READ_STR_INTO(&record->victim_comm, victim, comm);
	record->victim_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->victim_cgroup);
	return cgroup;
}

/* Usually it is in the victim's cgroups, or the victim itself. */
static __always_inline void describe_trigger(struct oom_record *record, struct task_struct *victim)
{
	struct task_struct *trigger = (void *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();
	struct cgroup *cgroup;

	record->trigger_pid = ids >> 32;
	record->trigger_tid = ids;
	bpf_get_current_comm(record->trigger_comm, sizeof(record->trigger_comm));
	if (BPF_CORE_READ(trigger, cgroups) == BPF_CORE_READ(victim, cgroups)) {
		record->trigger_cgroup_id = record->victim_cgroup_id;
		copy_path(record->trigger_cgroup, record->victim_cgroup);
		return;
	}
	cgroup = task_cgroup(trigger);
	record->trigger_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->trigger_cgroup);
}

/* Often it is the victim's cgroup. */
static __always_inline void describe_memory_limit(struct oom_record *record, const struct memory_limit *limit,
						  struct cgroup *victims)
{
	struct cgroup *cgroup;

	if (!limit->memory)
		return;
	cgroup = memory_cgroup(limit->memory);
	record->limit_source = limit->source;
	record->limit_pages = limit->limit_pages;
	record->usage_pages = limit->usage_pages;
	if (cgroup == victims) {
		record->limit_cgroup_id = record->victim_cgroup_id;
		copy_path(record->limit_cgroup, record->victim_cgroup);
		return;
	}
	record->limit_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->limit_cgroup);
}

#endif
