/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which processes are victims already, and what a victim holds. */
#ifndef KERNTEL_OOM_VICTIMS_H
#define KERNTEL_OOM_VICTIMS_H

#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Indexes of the resident set counters, include/linux/mm_types_task.h */
enum { FILE_PAGES, ANONYMOUS_PAGES, SWAP_ENTRIES, SHARED_PAGES };

/*
 * Every thread of a dying process that needs memory is marked again to be given reserves. That is no further
 * kill, so a process counts once. A process is found here by its start and pid, also after its end; what it
 * died of is `oom_record.shortage` (0: of none that had a place).
 *
 * Whoever is killed most pushes out the oldest: a few thousand victims within the moment in which one dies,
 * which is more than a machine kills, would make it count twice.
 */
struct victim_key {
	__u64 start_time;
	__u64 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct victim_key);
	__type(value, __u64);
} victims SEC(".maps");

static __always_inline struct victim_key key_of_victim(struct task_struct *victim)
{
	struct victim_key key = {
		.start_time = BPF_CORE_READ(victim, group_leader, start_boottime),
		.pid = BPF_CORE_READ(victim, tgid),
	};

	return key;
}

/* Of a victim that is no shortage's first. */
static __always_inline void name_shortage(const struct victim_key *victim, __u64 shortage)
{
	__u64 *value = bpf_map_lookup_elem(&victims, victim);

	if (value)
		*value = shortage;
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

#endif
