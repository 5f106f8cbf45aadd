// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tasks that wait because they must free memory themselves: counted by length, the long ones described. */
#include "kernel.h"
#include "stalls.h"
#include "brake.h"
#include "ended-stall.h"
#include <bpf/bpf_tracing.h>

/* vmscan, mm/vmscan.c: the machine is short, and the task that asked for pages frees some before it gets
 * them. */
SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(direct_begin, int order, __u32 gfp)
{
	return begin(AT_DIRECT, order, gfp);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(direct_end, unsigned long reclaimed)
{
	return end(ctx, AT_DIRECT, reclaimed);
}

/* The same because a memory cgroup is at its limit. */
SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(memcg_begin, int order, __u32 gfp)
{
	return begin_memcg(ctx, order, gfp);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(memcg_end, unsigned long reclaimed)
{
	return end(ctx, AT_MEMCG, reclaimed);
}

/* compaction, mm/compaction.c: a task that asked for pages in a row is about to move others' until there are
 * some. The kernel's own thread, which does so in the background, does not pass here. */
SEC("tp_btf/mm_compaction_try_to_compact_pages")
int BPF_PROG(compaction_try, int order, __u32 gfp)
{
	return prepare_compaction(order, gfp);
}

/* One zone of memory after the other. */
SEC("tp_btf/mm_compaction_begin")
int BPF_PROG(compaction_begin)
{
	return begin_compaction();
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(compaction_end, void *control, unsigned long start, unsigned long end_pfn, bool sync, int result)
{
	return end(ctx, AT_COMPACTION, result);
}

/* Before 5.17. */
SEC("tp_btf/mm_compaction_end")
int BPF_PROG(compaction_end_without_control, unsigned long start, unsigned long migrate, unsigned long free,
	     unsigned long end_pfn, bool sync, int result)
{
	return end(ctx, AT_COMPACTION, result);
}

/* Optional: says which cgroup's memory is reclaimed, the tracepoint behind it does not. */
SEC("kprobe/try_to_free_mem_cgroup_pages")
int BPF_KPROBE(memcg_reclaim, struct mem_cgroup *memory)
{
	return note_reclaimed(memory);
}

/* kernel/time: a task sleeps, of which the brake of memory.high is one of few reasons. fexit sees the end of
 * every sleep, a kretprobe that of some ten at once. */
SEC("fentry/schedule_timeout_killable")
int BPF_PROG(brake_begin)
{
	return begin_sleep(is_at_brake(ctx));
}

SEC("fexit/schedule_timeout_killable")
int BPF_PROG(brake_end)
{
	return end(ctx, AT_BRAKE, 0);
}

SEC("kprobe/schedule_timeout_killable")
int BPF_KPROBE(brake_probe_begin)
{
	return begin_sleep(is_at_brake(ctx));
}

SEC("kretprobe/schedule_timeout_killable")
int BPF_KRETPROBE(brake_probe_end)
{
	return end(ctx, AT_BRAKE, 0);
}

/* cgroup:cgroup_rmdir, kernel/cgroup/cgroup.c */
SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_removed, struct cgroup *cgroup)
{
	return note_removal(cgroup);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
