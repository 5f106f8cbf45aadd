/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Shortages: one for each limit, from its first victim until none came for a while. The facts of each are
 * kept once, here; user space asks for its first record a moment after the first victim, and for a last one
 * at the end.
 *
 * All victims are marked under oom_lock (mm/oom_kill.c), so one program at a time writes. It adds nothing to
 * a shortage that is over, and user space takes away only those that are over since GRACE_NS, so neither
 * needs a lock.
 */
#ifndef KERNTEL_OOM_SHORTAGES_H
#define KERNTEL_OOM_SHORTAGES_H

#include "call.h"
#include "record.h"
#include "victims.h"

/* A shortage is over when no victim came for so long, and at last so long after its first. What comes then is
 * another one: a container that is killed without end gives two records in that time. */
const volatile __u64 quiet_ns = 10000000000ULL;
const volatile __u64 longest_ns = 60000000000ULL;
/* How long the first record waits for victims that hold more. */
const volatile __u64 settle_ns = 50000000ULL;
/* A program that found a shortage open is done by then. */
#define GRACE_NS 250000000ULL

/* Where the kernel cannot be hooked in out_of_memory, the stack tells a shortage of a cgroup from the
 * machine's. 0: not known. */
const volatile __u64 memcg_call_start = 0;
const volatile __u64 memcg_call_end = 0;
/* From mark_oom_victim up. */
#define CALL_DEPTH 10

/*
 * Whose limit was met. What lies below a directory that root handed over to somebody else can be made in any
 * number by that one, so all of it together has USER_PLACES.
 */
struct shortage_key {
	cgroup_id cgroup; /* 0: the machine's */
	__u32 place;
	__u32 turn; /* of two: while user space has not taken away the one that is over */
};

#define USER_PLACES 4
/* As deep as a user may hide where the directory begins that it was given; all that is deeper shares its
 * places. */
#define USER_LEVELS 64
#define TOO_DEEP    (~0ULL)

struct shortage {
	struct oom_record record;
	__u64 held;	/* pages, by the victim that the record describes */
	__u64 victims;	/* so far */
	__u64 reported; /* of these by the first record; 0: it is not out yet */
	__u64 version;	/* odd while the victim is replaced by another one */
};

/* Limits of cgroups that root made, and of the machine. More than these at a time are `suppressed`. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct shortage_key);
	__type(value, struct shortage);
} shortages SEC(".maps");

/* Those of users, apart: however many users there are, they take nothing away from the others. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct shortage_key);
	__type(value, struct shortage);
} user_shortages SEC(".maps");

static __always_inline bool is_users(struct kernfs_node *node)
{
	struct kernfs_iattrs *attributes = BPF_CORE_READ(node, iattr);

	return attributes && BPF_CORE_READ(attributes, ia_uid.val);
}

/* The uppermost directory, at or above `node`, that is not root's; 0 where `node` is root's. */
static __always_inline cgroup_id handed_over(struct kernfs_node *node)
{
	cgroup_id top = 0;

	if (!is_users(node))
		return 0;
	for (int level = 0; level < USER_LEVELS && node; level++) {
		if (is_users(node))
			top = BPF_CORE_READ(node, id);
		node = parent_directory(node);
	}
	return node ? TOO_DEEP : top;
}

/* Returns whether it is a user's. */
static __always_inline bool key_of_limit(struct shortage_key *key, const struct memory_limit *limit)
{
	struct kernfs_node *node;
	struct cgroup *cgroup;
	cgroup_id user;

	if (!limit->memory)
		return false;
	cgroup = memory_cgroup(limit->memory);
	node = BPF_CORE_READ(cgroup, kn);
	key->cgroup = BPF_CORE_READ(node, id);
	user = handed_over(node);
	if (!user)
		return false;
	key->place = 1 + key->cgroup % USER_PLACES;
	key->cgroup = user;
	return true;
}

static __always_inline bool is_over(const struct shortage *shortage, __u64 now_ns)
{
	return now_ns > shortage->record.last_time + quiet_ns ||
	       now_ns > shortage->record.shortage + longest_ns;
}

/* The open one, or NULL; `wanted` is then where another one can be made, unless both turns are waiting for
 * user space. */
static __always_inline struct shortage *find_open(void *map, struct shortage_key *wanted, __u64 now_ns)
{
	struct shortage_key key = *wanted;
	struct shortage *first = bpf_map_lookup_elem(map, &key);
	struct shortage *second;

	if (first && !is_over(first, now_ns))
		return first;
	key.turn = 1;
	second = bpf_map_lookup_elem(map, &key);
	if (second && !is_over(second, now_ns))
		return second;
	wanted->turn = first ? 1 : 0;
	return NULL;
}

/* Where the notice finds no room, user space is about to read others, and looks for all shortages then. */
static __always_inline void notice_shortage(__u64 now_ns)
{
	struct oom_notice *notice = bpf_ringbuf_reserve(&records, sizeof(*notice), 0);

	if (!notice)
		return;
	notice->record_kind = RECORD_KIND(oom_notice);
	notice->time = now_ns;
	bpf_ringbuf_submit(notice, 0);
}

struct report {
	__u64 now_ns;
	__u32 is_last; /* nothing is hooked in any more: whatever is open ends */
	__u32 open;    /* how many there still are */
};

/* False where there is no room, or where the victim was replaced meanwhile. */
static __always_inline bool submit_shortage(struct shortage *shortage, __u64 count, bool is_end)
{
	__u64 version = *(volatile __u64 *)&shortage->version;
	struct oom_record *record;

	if (version & 1)
		return false;
	record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);
	if (!record)
		return false;
	bpf_probe_read_kernel(record, sizeof(*record), &shortage->record);
	record->count = count;
	record->is_end = is_end;
	if (*(volatile __u64 *)&shortage->version != version) {
		bpf_ringbuf_discard(record, 0);
		return false;
	}
	bpf_ringbuf_submit(record, 0);
	return true;
}

static long report_shortage(void *map, const struct shortage_key *key, struct shortage *shortage,
			    struct report *report)
{
	struct shortage_key own = *key;
	__u64 victims = *(volatile __u64 *)&shortage->victims;

	report->open++;
	if (!shortage->reported) {
		if (!report->is_last && report->now_ns < shortage->record.shortage + settle_ns)
			return 0;
		if (!submit_shortage(shortage, victims, false))
			return 0;
		shortage->reported = victims;
	}
	if (!report->is_last && !is_over(shortage, report->now_ns - GRACE_NS))
		return 0;
	if (victims > shortage->reported && !submit_shortage(shortage, victims - shortage->reported, true))
		return 0;
	bpf_map_delete_elem(map, &own);
	report->open--;
	return 0;
}

#endif
