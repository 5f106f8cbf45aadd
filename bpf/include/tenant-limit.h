/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A fair share of the limit for each tenant. What a tenant may take depends on what is left: it must leave
 * free half of what it took itself lately (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6(2), 1998). One that is alone gets the whole rate and leaves 0.4 s of the burst to whoever
 * comes; of N that want all of it, each gets an N-th; one that took nothing lately is only refused where the
 * machine's bucket is empty.
 */
#ifndef KERNTEL_TENANT_LIMIT_H
#define KERNTEL_TENANT_LIMIT_H

#include "limit.h"
#include "tenant.h"

/* Tenants that took a token in the last seconds. Of too many, the one that took least is forgotten, which is
 * the same as having taken nothing. */
#define USE_BITS       8
#define USE_PROBES     4
/* What was taken counts half after 2^29 ns, and is counted to 2^20 ns. */
#define USE_TICK_BITS  20
#define HALF_LIFE_BITS 9
/* A quarter of a token: what one counts half a second after it was taken. */
#define LATELY_SHIFT   2
/* Another CPU may have read the clock later than we did. */
#define USE_DISORDER   (-4096U)
/* Containers of which something was suppressed; of more, only the sum over all is counted. */
#define SUPPRESSED     1024

struct tenant_use {
	__u64 tenant;
	__u64 taken; /* half of the tokens, as nanoseconds; and when that was, in ticks, in the lower 32 bits
		      */
};

struct tenant_use tenant_uses[1 << USE_BITS] = {};

/* By tenant: user space reads it, and deletes the entries of containers that are gone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SUPPRESSED);
	__type(key, __u64);
	__type(value, __u64);
} suppressed_tenants SEC(".maps");

static __always_inline __u64 use_at(__u64 tenant, __u32 probe)
{
	return ((tenant * TENANT_HASH_MULT >> (64 - USE_BITS)) + probe) & ((1 << USE_BITS) - 1);
}

/* What of it still counts, in nanoseconds. */
static __always_inline __u64 decay(__u64 taken, __u64 now_ns)
{
	__u32 passed = (__u32)(now_ns >> USE_TICK_BITS) - (__u32)taken;
	__u32 halvings = passed >> HALF_LIFE_BITS;
	__u64 left = taken >> 32;

	if (passed > USE_DISORDER)
		return left;
	if (halvings > 31)
		return 0;
	left >>= halvings;
	return left - (left * (passed & ((1 << HALF_LIFE_BITS) - 1)) >> (HALF_LIFE_BITS + 1));
}

/*
 * What a tenant has to leave free. One whose last token is half a second ago may take the last one that there
 * is; the others leave that to it, so that it is free however many they are. Nobody has to leave more than
 * all.
 */
static __always_inline __u64 reserve_for(__u64 taken_ns, __u64 interval_ns)
{
	__u64 burst_ns = limit_burst_ns;
	__u64 reserve_ns = taken_ns + interval_ns;

	if (taken_ns <= interval_ns >> LATELY_SHIFT)
		return 0;
	return reserve_ns < burst_ns ? reserve_ns : burst_ns;
}

static __always_inline struct tenant_use *find_use(__u64 tenant)
{
	for (__u32 probe = 0; probe < USE_PROBES; probe++) {
		struct tenant_use *use = &tenant_uses[use_at(tenant, probe)];

		if (*(volatile __u64 *)&use->tenant == tenant)
			return use;
	}
	return NULL;
}

/*
 * The place of the tenant near its own that took least. Two CPUs that do this at once may charge a token to
 * the other one's tenant; the limit of the machine does not depend on it.
 */
static __noinline int claim_use(__u64 tenant, __u64 taken, __u64 now_ns)
{
	__u64 place = use_at(tenant, 0);
	__u64 least = ~0ULL;
	struct tenant_use *use;

	for (__u32 probe = 0; probe < USE_PROBES; probe++) {
		__u64 index = use_at(tenant, probe);
		__u64 left = decay(tenant_uses[index].taken, now_ns);

		if (left < least) {
			least = left;
			place = index;
		}
	}
	use = &tenant_uses[place & ((1 << USE_BITS) - 1)];
	use->tenant = tenant;
	use->taken = taken;
	return 0;
}

/* Longer intervals than user space sets would not fit. */
static __always_inline __u64 pack_use(__u64 taken_ns, __u64 now_ns)
{
	if (taken_ns >> 32)
		taken_ns = ~0U;
	return taken_ns << 32 | (__u32)(now_ns >> USE_TICK_BITS);
}

static __always_inline void note_taken(struct tenant_use *use, __u64 tenant, __u64 interval_ns, __u64 now_ns)
{
	if (!use) {
		claim_use(tenant, pack_use(interval_ns / 2, now_ns), now_ns);
		return;
	}
	for (int attempt = 0; attempt < 2; attempt++) {
		__u64 before = *(volatile __u64 *)&use->taken;
		__u64 after = pack_use(decay(before, now_ns) + interval_ns / 2, now_ns);

		if (__sync_val_compare_and_swap(&use->taken, before, after) == before)
			return;
	}
}

static __noinline int count_suppressed(__u64 tenant)
{
	__u64 *count = bpf_map_lookup_elem(&suppressed_tenants, &tenant);
	__u64 zero = 0;

	if (!count) {
		bpf_map_update_elem(&suppressed_tenants, &tenant, &zero, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&suppressed_tenants, &tenant);
	}
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

/* What is refused counts for its container; the caller counts it for the event. */
static __always_inline bool take_share(__u64 tenant, __u64 interval_ns, __u64 now_ns)
{
	struct tenant_use *use = find_use(tenant);
	__u64 reserve_ns = 0;

	if (use)
		reserve_ns = reserve_for(decay(*(volatile __u64 *)&use->taken, now_ns), interval_ns);
	if (take_beyond(reserve_ns, interval_ns, now_ns)) {
		note_taken(use, tenant, interval_ns, now_ns);
		return true;
	}
	if (kind_of_tenant(tenant) == TENANT_CONTAINER)
		count_suppressed(tenant);
	return false;
}

static __always_inline bool take_token_of(__u64 tenant, __u64 now_ns)
{
	__u64 interval_ns = limit_interval_ns;

	return !interval_ns || take_share(tenant, interval_ns, now_ns);
}

static __always_inline bool take_token_at(const struct tenant_place *place, __u64 now_ns)
{
	__u64 interval_ns = limit_interval_ns;

	return !interval_ns || take_share(tenant_at(place, now_ns), interval_ns, now_ns);
}

static __always_inline __u64 tenant_of_cgroup(struct cgroup *cgroup, __u64 now_ns)
{
	struct tenant_place place = {};

	place_in_cgroup(&place, cgroup);
	return tenant_at(&place, now_ns);
}

static __always_inline bool take_token_in(struct cgroup *cgroup, __u64 now_ns)
{
	__u64 interval_ns = limit_interval_ns;

	return !interval_ns || take_share(tenant_of_cgroup(cgroup, now_ns), interval_ns, now_ns);
}

#endif
