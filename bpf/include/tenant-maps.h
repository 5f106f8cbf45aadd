/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which cgroups and network namespaces belong to whom, as far as user space knows. Created once, shared by
 * every object; only user space writes. */
#ifndef KERNTEL_TENANT_MAPS_H
#define KERNTEL_TENANT_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* At 64 bytes each. A node with a thousand pods has some three thousand containers, and one namespace for
 * each pod. */
#define TENANT_CGROUPS	  8192
#define TENANT_NAMESPACES 4096
#define TENANT_KIND_SHIFT 56

/*
 * The kind is in the upper byte of a tenant; what is below: of a user the uid, of units and containers the id
 * of their uppermost cgroup. No tenant is 0.
 */
enum tenant_kind {
	TENANT_USER = 1,
	TENANT_UNIT,
	TENANT_CONTAINER,
	TENANT_DEEP,   /* whatever is nested too deeply to say */
	TENANT_NOBODY, /* neither a socket nor a device shows where it happened */
};

/* By the id of a directory (see OF_VERSION1): the uppermost one of a container, a unit, or a user's slice. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TENANT_CGROUPS);
	__type(key, __u64);
	__type(value, __u64);
} tenants SEC(".maps");

/* By cookie: those of containers. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TENANT_NAMESPACES);
	__type(key, __u64);
	__type(value, __u64);
} net_tenants SEC(".maps");

#endif
