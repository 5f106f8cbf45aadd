/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Records: how a struct becomes one, and types that say what a number means. */
#ifndef KERNTEL_EVENT_H
#define KERNTEL_EVENT_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/*
 * Marks a struct as a record, which begins with `record_kind record_kind;`. The pointer keeps the type in the
 * object's BTF even when the record only ever lives in reserved ring space; libbpf skips the section, so it
 * costs no map. bpf/layout writes the TypeScript reader from it.
 */
#define EVENT(type) struct type *event_layout_##type __attribute__((section(".event_layouts"), used))

/*
 * What a record is, in its first word: the id of its struct in the BTF of the object. The compiler gives the
 * ids, libbpf takes them over, and user space looks them up in the same BTF by the name of the struct, so no
 * number is written by hand and no two kinds have one.
 */
typedef __u64 record_kind;
#define RECORD_KIND(type) bpf_core_type_id_local(struct type)

/* The generator reads these names: a 64-bit field needs one, because it decides how JavaScript holds the
 * value. */
typedef __u64 nanoseconds;     /* number: exact for 104 days of uptime, then rounded to a few ns */
typedef __u64 byte_count;      /* number: below 2^53 */
typedef __u64 page_count;      /* number: pages of the page size of the machine */
typedef __u64 event_count;     /* number */
typedef __u64 unsigned_number; /* number: what none of the others says */
typedef __s64 signed_number;   /* number: the same, and it may be negative */
typedef __u64 kernel_address;  /* bigint */
typedef __u64 cgroup_id;       /* bigint: inode number of the cgroup's directory */
typedef __u64 opaque_id;       /* bigint: cookies and the like */
typedef __u8 ip_address[16];   /* text: 16 bytes; an IPv4 address is mapped (::ffff:a.b.c.d) */

#endif
