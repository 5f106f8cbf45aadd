// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who was killed for want of memory, who asked for the memory, and what the victim held. */
#include "kernel.h"
#include "records.h"
#include "cgroup.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

#define STACK_FRAMES	   32
#define MEMORY_LEVELS	   8
#define TRIGGERS	   64 /* tasks inside oom_kill_process at once: one per memory cgroup being reclaimed */
#define CONSTRAINT_UNKNOWN -1

/* Indexes of the resident set counters, include/linux/mm_types_task.h */
enum { FILE_PAGES, ANONYMOUS_PAGES, SWAP_ENTRIES, SHARED_PAGES };

struct oom_record {
	nanoseconds time;
	cgroup_id victim_cgroup_id;
	cgroup_id trigger_cgroup_id;
	/* The nearest memory cgroup, from the victim's own upwards, that has a limit; 0 where none has. */
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
	__s32 constraint; /* enum oom_constraint, or -1 where only the stack tells */
	__u32 _pad;
	char victim_comm[16];
	char trigger_comm[16];
	cgroup_path victim_cgroup;
	cgroup_path trigger_cgroup;
	cgroup_path limit_cgroup;
};
EVENT(oom_record);

/* What oom_kill_process was called with, kept until mark_victim follows in the same task. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRIGGERS);
	__type(key, __u64);
	__type(value, __s32);
} constraints SEC(".maps");

/*
 * Every thread of a dying process that needs memory is marked again to be given reserves. That is no further
 * kill, so a process counts once.
 */
struct victim_key {
	__u64 start_time;
	__u64 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct victim_key);
	__type(value, __u8);
} victims SEC(".maps");

static __always_inline bool is_marked_again(struct task_struct *victim)
{
	struct victim_key key = {
		.start_time = BPF_CORE_READ(victim, group_leader, start_boottime),
		.pid = BPF_CORE_READ(victim, tgid),
	};
	__u8 marked = 1;

	return bpf_map_update_elem(&victims, &key, &marked, BPF_NOEXIST) != 0;
}

static __always_inline __u64 resident_pages(struct mm_struct *memory, int counter)
{
	__s64 pages = 0;

	if (bpf_core_type_exists(struct mm_rss_stat)) {
		struct mm_struct___atomic *atomic = (void *)memory;

		bpf_probe_read_kernel(&pages, sizeof(pages), &atomic->rss_stat.count[counter]);
	} else {
		struct mm_struct___percpu *percpu = (void *)memory;
		/* The counter is no constant to the compiler, so the array's stride is asked for by itself.
		 */
		void *counters = __builtin_preserve_access_index(&percpu->rss_stat);
		__u32 offset = counter * bpf_core_type_size(struct percpu_counter) +
			       bpf_core_field_offset(struct percpu_counter, count);

		/* The kernel's own OOM report reads this approximate sum too: off by 32 pages per CPU at
		 * most. */
		bpf_probe_read_kernel(&pages, sizeof(pages), counters + offset);
	}
	return pages > 0 ? pages : 0;
}

static __always_inline void describe_limit(struct oom_record *record, struct mem_cgroup *memory,
					   __u64 no_limit)
{
	for (int level = 0; level < MEMORY_LEVELS && memory; level++) {
		__u64 limit = BPF_CORE_READ(memory, memory.max);

		if (limit < no_limit) {
			struct cgroup *cgroup = BPF_CORE_READ(memory, css.cgroup);

			record->limit_pages = limit;
			record->usage_pages = BPF_CORE_READ(memory, memory.usage.counter);
			record->limit_cgroup_id = read_cgroup_id(cgroup);
			read_cgroup_path(cgroup, record->limit_cgroup);
			return;
		}
		memory = (void *)BPF_CORE_READ(memory, css.parent);
	}
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
	__s32 *constraint = bpf_map_lookup_elem(&constraints, &ids);

	record->trigger_pid = ids >> 32;
	record->trigger_tid = ids;
	bpf_get_current_comm(record->trigger_comm, sizeof(record->trigger_comm));
	record->trigger_cgroup_id = read_cgroup_id(cgroup);
	read_cgroup_path(cgroup, record->trigger_cgroup);
	record->constraint = constraint ? *constraint : CONSTRAINT_UNKNOWN;
	bpf_map_delete_elem(&constraints, &ids);
}

/* A memory cgroup without a limit reads LONG_MAX / PAGE_SIZE; anything above this is no limit. */
const volatile __u64 no_limit_pages = ~0ULL;

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
	describe_limit(record, task_memory_cgroup(victim), no_limit_pages);
	bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* Optional: its argument holds the constraint, which the tracepoint does not say. */
SEC("kprobe/oom_kill_process")
int BPF_KPROBE(oom_kill_process, struct oom_control *control)
{
	__u64 ids = bpf_get_current_pid_tgid();
	__s32 constraint = BPF_CORE_READ(control, constraint);

	bpf_map_update_elem(&constraints, &ids, &constraint, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
