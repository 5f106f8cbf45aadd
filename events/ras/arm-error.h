/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* An ARM processor's error, whichever form the tracepoint has. */
#ifndef KERNTEL_RAS_ARM_ERROR_H
#define KERNTEL_RAS_ARM_ERROR_H

#include "error-records.h"

/* The first error of the section, which lies behind its header (UEFI 2.10, N.2.4.4.1). */
static __always_inline void read_arm_error(struct ras_arm_record *record, struct cper_sec_proc_arm *section)
{
	__u8 error[ARM_ERROR_BYTES] = {};

	record->errors = BPF_CORE_READ(section, err_info_num);
	if (!record->errors || BPF_CORE_READ(section, section_length) < ARM_HEADER_BYTES + ARM_ERROR_BYTES)
		return;
	if (bpf_probe_read_kernel(error, sizeof(error), (void *)section + ARM_HEADER_BYTES))
		return;
	record->error_validation = *(__u16 *)(error + 2);
	record->error_type = error[4];
	record->error_flags = error[7];
	record->error_information = *(__u64 *)(error + 8);
	record->virtual_address = *(__u64 *)(error + 16);
	record->physical_address = *(__u64 *)(error + 24);
}

static __always_inline int handle_arm(struct cper_sec_proc_arm *section, __u32 severity)
{
	struct fold_key key = {.source = RAS_ARM, .severity = severity};
	struct ras_arm_record *record;

	key.first = BPF_CORE_READ(section, mpidr);
	key.second = BPF_CORE_READ(section, midr);
	record = BEGIN_ERROR(ras_arm_record, &key, 1);
	if (!record)
		return 0;
	record->mpidr = key.first;
	record->midr = key.second;
	record->validation = BPF_CORE_READ(section, validation_bits);
	record->running_state = BPF_CORE_READ(section, running_state);
	record->psci_state = BPF_CORE_READ(section, psci_state);
	record->affinity = BPF_CORE_READ(section, affinity_level);
	read_arm_error(record, section);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

#endif
