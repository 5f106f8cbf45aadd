// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who was killed for want of memory, who asked for the memory, and what the victim held. */
#include "kernel.h"
#include "records.h"
#include "settings.h"
#include "shortages.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

/* 1: whatever is open ends with the next report. */
SETTING __u32 is_ending = 0;

/*
 * The victim in hand, and the shortage that it would begin; one at a time, because they are marked under
 * oom_lock. Functions that have it here instead of as arguments are verified once, and not for each way to
 * their call.
 */
struct chosen {
	struct shortage facts;
	struct memory_limit limit;
	struct shortage_key key;
	struct task_struct *victim;
	struct cgroup *cgroup; /* the victim's */
	__u32 is_users;
	__s32 constraint;
} chosen = {};

/*
 * Where out_of_memory is not hooked, what one task kills in a row is of one shortage: the limit that was met
 * looks like one with room as soon as the first of a group has let go of its memory.
 */
struct previous {
	__u64 trigger;
	__u64 time;
	struct shortage_key key;
	__u32 is_users;
} previous = {};

#define IN_A_ROW_NS 1000000000ULL

/* Whether the stack shows that no cgroup's limit was met. */
static __always_inline bool is_machines(const struct oom_record *record)
{
	if (!memcg_call_start || !record->stack[0])
		return false;
	for (int depth = 0; depth < CALL_DEPTH; depth++)
		if (record->stack[depth] >= memcg_call_start && record->stack[depth] < memcg_call_end)
			return false;
	return true;
}

/* Without the kernel's word the victim's cgroups and the stack have to do. */
__noinline int derive_limit(void)
{
	struct memory_limit limit = {};

	if (!is_machines(&chosen.facts.record))
		find_tightest(&limit, task_memory_cgroup(chosen.victim), SHARE_OF_HARD_LIMIT);
	chosen.limit = limit;
	return 0;
}

__noinline int find_key(void)
{
	struct shortage_key key = {};

	chosen.is_users = key_of_limit(&key, &chosen.limit);
	chosen.key = key;
	return 0;
}

static __always_inline void find_shortage(struct oom_call *known)
{
	__u64 trigger = bpf_get_current_pid_tgid(), time = chosen.facts.record.time;

	if (known) {
		chosen.limit = known->limit;
		chosen.constraint = constraint_of(known);
		find_key();
		return;
	}
	derive_limit();
	chosen.constraint = CONSTRAINT_UNKNOWN;
	if (previous.trigger == trigger && time < previous.time + IN_A_ROW_NS) {
		chosen.key = previous.key;
		chosen.is_users = previous.is_users;
	} else {
		find_key();
		previous.key = chosen.key;
		previous.is_users = chosen.is_users;
	}
	previous.trigger = trigger;
	previous.time = time;
}

__noinline int describe_chosen(void)
{
	chosen.facts.record.cpu = bpf_get_smp_processor_id();
	chosen.cgroup = describe_victim(&chosen.facts.record, chosen.victim);
	describe_trigger(&chosen.facts.record, chosen.victim);
	return 0;
}

__noinline int describe_limit(void)
{
	describe_memory_limit(&chosen.facts.record, &chosen.limit, chosen.cgroup);
	return 0;
}

/* Its description takes the place of the victim's that held less. */
static __always_inline void replace_victim(struct shortage *open)
{
	__sync_fetch_and_add(&open->version, 1);
#pragma unroll
	for (__u32 word = 0; word < VICTIM_BYTES / sizeof(__u64); word++)
		((volatile __u64 *)&open->record)[word] = ((volatile __u64 *)&chosen.facts.record)[word];
	open->held = chosen.facts.held;
	__sync_fetch_and_add(&open->version, 1);
}

/* False where there is no room for it. */
static __always_inline bool begin_shortage(void *map)
{
	struct shortage_key key = chosen.key;
	struct shortage *facts = &chosen.facts;

	describe_limit();
	facts->record.constraint = chosen.constraint;
	facts->record.shortage = facts->record.time;
	facts->record.last_time = facts->record.time;
	facts->victims = 1;
	facts->reported = 0;
	facts->version = 0;
	if (bpf_map_update_elem(map, &key, facts, BPF_NOEXIST))
		return false;
	notice_shortage(facts->record.time);
	return true;
}

/* oom:mark_victim, mm/oom_kill.c: the one place every OOM victim passes, whatever the constraint. */
SEC("tp_btf/mark_victim")
int BPF_PROG(mark_victim, struct task_struct *victim)
{
	struct event_counters *count = own_counters();
	struct victim_key process = key_of_victim(victim);
	struct oom_record *record = &chosen.facts.record;
	struct oom_call *known = own_call();
	__u64 time = bpf_ktime_get_boot_ns();
	struct shortage *open;
	void *map;

	if (!count)
		return 0;
	count->seen++;
	if (bpf_map_update_elem(&victims, &process, &time, BPF_NOEXIST)) {
		count->filtered++;
		return 0;
	}
	BEGIN_RECORD(oom_record, record);
	record->time = time;
	chosen.victim = victim;
	chosen.facts.held = read_held(record, victim);
	if (!known)
		bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	find_shortage(known);
	map = chosen.is_users ? (void *)&user_shortages : (void *)&shortages;
	open = find_open(map, &chosen.key, time);
	if (open) {
		count->aggregated++;
		open->victims++;
		open->record.last_time = time;
		name_shortage(&process, open->record.shortage);
		if (chosen.facts.held <= open->held)
			return 0;
	}
	if (known)
		bpf_get_stack(ctx, record->stack, sizeof(record->stack), 0);
	describe_chosen();
	if (open) {
		replace_victim(open);
	} else if (!begin_shortage(map)) {
		count->suppressed++;
		name_shortage(&process, 0);
	}
	return 0;
}

/* Run by user space a moment after a shortage began, and from then on while one is open. Returns how many
 * are. */
SEC("syscall")
int report_shortages(void *ctx)
{
	struct report report = {.now_ns = bpf_ktime_get_boot_ns(), .is_last = is_ending};

	bpf_for_each_map_elem(&shortages, report_shortage, &report, 0);
	bpf_for_each_map_elem(&user_shortages, report_shortage, &report, 0);
	return report.open;
}

/* Optional: its argument says whose limit was met and what the shortage is confined to, the tracepoint does
 * not. */
SEC("kprobe/out_of_memory")
int BPF_KPROBE(call_begin, struct oom_control *control)
{
	return begin_call(control);
}

/* Its victims are all marked. */
SEC("kretprobe/out_of_memory")
int BPF_KRETPROBE(call_end)
{
	return end_call();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
