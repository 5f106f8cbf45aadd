// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks for tokens of a limit in a time that the test makes up: by itself it happens in no order that a test
 * could know. */
#include "kernel.h"
#include "tenant-limit.h"
#include <bpf/bpf_tracing.h>

struct turn {
	__u64 tenant;
	__u64 first_ns;
	__u64 every_ns;
	__u64 attempts;
	__u64 granted; /* the answer */
};

/* A tenant that wants `attempts` tokens, evenly. */
SEC("syscall")
int take_shared(struct turn *turn)
{
	__u64 granted = 0;

	for (__u32 attempt = 0; attempt < 64 && attempt < turn->attempts; attempt++)
		granted += take_token_of(turn->tenant, turn->first_ns + attempt * turn->every_ns);
	turn->granted = granted;
	return 0;
}

/* The same of the machine's bucket alone. */
SEC("syscall")
int take_unshared(struct turn *turn)
{
	__u64 granted = 0;

	for (__u32 attempt = 0; attempt < 64 && attempt < turn->attempts; attempt++)
		granted += take_token(turn->first_ns + attempt * turn->every_ns);
	turn->granted = granted;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
