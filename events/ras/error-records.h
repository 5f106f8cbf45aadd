/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is told of an error, by its source, and how a record of it begins. */
#ifndef KERNTEL_RAS_ERROR_RECORDS_H
#define KERNTEL_RAS_ERROR_RECORDS_H

#include "hardware.h"
#include "fold.h"
#include <bpf/bpf_core_read.h>

/* Of what firmware hands over raw; longer payloads keep their true length beside it. */
#define PAYLOAD_BYTES	 256
#define GUID_BYTES	 16
#define TEXT_BYTES	 64
#define ARM_HEADER_BYTES 40
#define ARM_ERROR_BYTES	 32

struct ras_mce_record {
	record_kind record_kind;
	struct ras_head head;
	opaque_id status;
	opaque_id address;
	opaque_id misc;
	opaque_id mcg_status;
	opaque_id mcg_capability;
	opaque_id instruction;
	opaque_id syndrome;
	opaque_id ipid;
	__u32 processor;
	__u32 cpuid;
	__u32 socket;
	__u32 apic;
	__u32 microcode;
	__u8 vendor;
	__u8 bank;
	__u8 code_segment;
	__u8 _pad;
};
EVENT(ras_mce_record);

struct ras_edac_record {
	record_kind record_kind;
	struct ras_head head;
	opaque_id address;
	opaque_id syndrome;
	__u32 error_count;
	__u8 controller;
	__s8 top_layer;
	__s8 middle_layer;
	__s8 lower_layer;
	__u8 grain_bits;
	__u8 _pad[7];
	char message[TEXT_BYTES];
	char label[TEXT_BYTES];
	char detail[TEXT_BYTES];
};
EVENT(ras_edac_record);

struct ras_cper_record {
	record_kind record_kind;
	struct ras_head head;
	__u32 length;
	__u32 _pad;
	__u8 section[GUID_BYTES];
	__u8 unit[GUID_BYTES];
	char unit_text[TEXT_BYTES];
	__u8 payload[PAYLOAD_BYTES];
};
EVENT(ras_cper_record);

struct ras_arm_record {
	record_kind record_kind;
	struct ras_head head;
	opaque_id mpidr;
	opaque_id midr;
	opaque_id error_information;
	opaque_id virtual_address;
	opaque_id physical_address;
	__u32 validation;
	__u32 running_state;
	__u32 psci_state;
	__u16 error_validation;
	__u16 errors;
	__u8 affinity;
	__u8 error_type;
	__u8 error_flags;
	__u8 _pad[5];
};
EVENT(ras_arm_record);

struct ras_aer_record {
	record_kind record_kind;
	struct ras_head head;
	__u32 status;
	__u32 has_header;
	__u32 header[4];
	char device[NAME_BYTES];
};
EVENT(ras_aer_record);

struct ras_memory_failure_record {
	record_kind record_kind;
	struct ras_head head;
	opaque_id frame;
	__u32 type;
	__u32 result;
};
EVENT(ras_memory_failure_record);

struct ras_extlog_record {
	record_kind record_kind;
	struct ras_head head;
	opaque_id validation;
	opaque_id physical_address;
	__u32 sequence;
	__u32 error_type;
	__u8 unit[GUID_BYTES];
	char unit_text[NAME_BYTES];
};
EVENT(ras_extlog_record);

/* The record where it is to be told; NULL where it was folded, or the ring was full. */
#define BEGIN_ERROR(type, key, weight)                                                                       \
	({                                                                                                   \
		struct event_counters *count = own_counters();                                               \
		struct ras_head head = {};                                                                   \
		struct type *begun = NULL;                                                                   \
		if (count) {                                                                                 \
			count->seen++;                                                                       \
			if (open_fold(key, &head, weight))                                                   \
				begun = RESERVE_RECORD(type, count);                                         \
			else                                                                                 \
				count->suppressed++;                                                         \
		}                                                                                            \
		if (begun)                                                                                   \
			begun->head = head;                                                                  \
		begun;                                                                                       \
	})

static __always_inline void read_text(char *into, __u32 size, const char *text)
{
	if (text)
		bpf_probe_read_kernel_str(into, size, text);
}

#endif
