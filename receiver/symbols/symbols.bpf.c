// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names of kernel addresses, asked of the kernel itself: reading all of /proc/kallsyms costs a quarter of a
 * second and needs CAP_SYSLOG; this needs neither, and knows modules that came later.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ADDRESSES  64
#define NAME_BYTES 128

struct address_list {
	__u64 addresses[ADDRESSES]; /* up to the first 0 */
};

struct name_list {
	char names[ADDRESSES][NAME_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct address_list);
} questions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct name_list);
} answers SEC(".maps");

/* symbol+0x10/0x200 [module], or the number itself (lib/vsprintf.c, %pS) */
static const char format[] = "%pS";

/* Run by hand, once a question. */
SEC("syscall")
int name_addresses(void *context)
{
	__u32 zero = 0;
	struct address_list *question = bpf_map_lookup_elem(&questions, &zero);
	struct name_list *answer = bpf_map_lookup_elem(&answers, &zero);

	if (!question || !answer)
		return 1;
	for (int index = 0; index < ADDRESSES; index++) {
		__u64 address = question->addresses[index];

		if (!address)
			break;
		bpf_snprintf(answer->names[index], NAME_BYTES, format, &address, sizeof(address));
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
