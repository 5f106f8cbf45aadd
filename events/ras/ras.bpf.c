// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hardware errors, as the kernel's RAS tracepoints tell them. Each hook is optional by itself. */
#include "error-records.h"
#include "arm-error.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* Kind and flags of an error, without the "overflow" bit and the count of corrected errors (Intel SDM
 * 3B 17.3.2.2). */
#define MCE_KIND 0xbfe00000ffffffffULL

#define MCE_DEFERRED (1ULL << 44) /* AMD and Hygon */
#define MCE_PCC	     (1ULL << 57) /* processor context corrupt */
#define MCE_UC	     (1ULL << 61)
#define VENDOR_AMD   2
#define VENDOR_HYGON 9

static __always_inline __u32 mce_severity(__u64 status, __u8 vendor)
{
	if (status & MCE_PCC)
		return MCE_FATAL;
	if (status & MCE_UC)
		return MCE_UNCORRECTED;
	if ((vendor == VENDOR_AMD || vendor == VENDOR_HYGON) && status & MCE_DEFERRED)
		return MCE_DEFERRED_ERROR;
	return MCE_CORRECTED;
}

/* mce:mce_record, arch/x86/kernel/cpu/mce/core.c */
SEC("tp_btf/mce_record")
int BPF_PROG(mce_record, void *argument)
{
	struct mce *mce = argument;
	struct fold_key key = {.source = RAS_MCE};
	struct ras_mce_record *record;
	__u64 status;

	if (bpf_core_type_exists(struct mce_hw_err))
		mce = &((struct mce_hw_err *)argument)->m;
	status = BPF_CORE_READ(mce, status);
	key.severity = mce_severity(status, BPF_CORE_READ(mce, cpuvendor));
	key.first = status & MCE_KIND;
	key.second = (__u64)BPF_CORE_READ(mce, extcpu) << 8 | BPF_CORE_READ(mce, bank);
	record = BEGIN_ERROR(ras_mce_record, &key, 1);
	if (!record)
		return 0;
	record->status = status;
	record->address = BPF_CORE_READ(mce, addr);
	record->misc = BPF_CORE_READ(mce, misc);
	record->mcg_status = BPF_CORE_READ(mce, mcgstatus);
	record->mcg_capability = BPF_CORE_READ(mce, mcgcap);
	record->instruction = BPF_CORE_READ(mce, ip);
	record->syndrome = BPF_CORE_READ(mce, synd);
	record->ipid = BPF_CORE_READ(mce, ipid);
	record->processor = BPF_CORE_READ(mce, extcpu);
	record->cpuid = BPF_CORE_READ(mce, cpuid);
	record->socket = BPF_CORE_READ(mce, socketid);
	record->apic = BPF_CORE_READ(mce, apicid);
	record->microcode = BPF_CORE_READ(mce, microcode);
	record->vendor = BPF_CORE_READ(mce, cpuvendor);
	record->bank = BPF_CORE_READ(mce, bank);
	record->code_segment = BPF_CORE_READ(mce, cs);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* ras:mc_event, drivers/edac/edac_mc.c */
SEC("tp_btf/mc_event")
int BPF_PROG(mc_event, unsigned int type, const char *message, const char *label, int errors, __u8 controller,
	     __s8 top, __s8 middle, __s8 lower, unsigned long address, __u8 grain, unsigned long syndrome,
	     const char *detail)
{
	struct fold_key key = {.source = RAS_EDAC, .severity = type};
	struct ras_edac_record *record;

	key.first = (__u64)controller << 24 | (__u64)(__u8)top << 16 | (__u64)(__u8)middle << 8 | (__u8)lower;
	read_text(key.name, sizeof(key.name), label);
	record = BEGIN_ERROR(ras_edac_record, &key, errors > 0 ? errors : 1);
	if (!record)
		return 0;
	record->address = address;
	record->syndrome = syndrome;
	record->error_count = errors;
	record->controller = controller;
	record->top_layer = top;
	record->middle_layer = middle;
	record->lower_layer = lower;
	record->grain_bits = grain;
	read_text(record->message, sizeof(record->message), message);
	read_text(record->label, sizeof(record->label), label);
	read_text(record->detail, sizeof(record->detail), detail);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* ras:non_standard_event, drivers/acpi/apei/ghes.c: a section of firmware's that the kernel has no decoder
 * for. */
SEC("tp_btf/non_standard_event")
int BPF_PROG(non_standard_event, void *section, void *unit, const char *unit_text, __u8 severity,
	     __u8 *payload, __u32 length)
{
	struct fold_key key = {.source = RAS_CPER, .severity = severity};
	__u64 kept = length;
	struct ras_cper_record *record;

	bpf_probe_read_kernel(&key.first, GUID_BYTES, section);
	read_text(key.name, sizeof(key.name), unit_text);
	record = BEGIN_ERROR(ras_cper_record, &key, 1);
	if (!record)
		return 0;
	record->length = length;
	bpf_probe_read_kernel(record->section, GUID_BYTES, section);
	if (unit)
		bpf_probe_read_kernel(record->unit, GUID_BYTES, unit);
	read_text(record->unit_text, sizeof(record->unit_text), unit_text);
	/* The verifier must see the bound on the very register that is passed. */
	barrier_var(kept);
	if (kept > PAYLOAD_BYTES)
		kept = PAYLOAD_BYTES;
	if (payload)
		bpf_probe_read_kernel(record->payload, kept, payload);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* ras:arm_event since 6.13, and where it was taken back: with the severity. drivers/ras/ras.c */
SEC("tp_btf/arm_event")
int BPF_PROG(arm_event_with_severity, struct cper_sec_proc_arm *section, __u8 *error, __u32 error_length,
	     __u8 *context, __u32 context_length, __u8 *vendor, __u32 vendor_length, __u8 severity)
{
	return handle_arm(section, severity);
}

SEC("tp_btf/arm_event")
int BPF_PROG(arm_event, struct cper_sec_proc_arm *section)
{
	return handle_arm(section, SEVERITY_UNKNOWN);
}

/* ras:aer_event, drivers/pci/pcie/aer.c */
SEC("tp_btf/aer_event")
int BPF_PROG(aer_event, const char *device, __u32 status, __u8 severity, __u8 has_header, void *header)
{
	struct fold_key key = {.source = RAS_AER, .severity = severity, .first = status};
	struct ras_aer_record *record;

	read_text(key.name, sizeof(key.name), device);
	record = BEGIN_ERROR(ras_aer_record, &key, 1);
	if (!record)
		return 0;
	record->status = status;
	record->has_header = has_header != 0;
	if (has_header && header)
		bpf_probe_read_kernel(record->header, sizeof(record->header), header);
	read_text(record->device, sizeof(record->device), device);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* ras:memory_failure_event, mm/memory-failure.c */
SEC("tp_btf/memory_failure_event")
int BPF_PROG(memory_failure_event, unsigned long frame, int type, int result)
{
	struct fold_key key = {
		.source = RAS_MEMORY_FAILURE, .severity = result, .first = frame, .second = type};
	struct ras_memory_failure_record *record;

	record = BEGIN_ERROR(ras_memory_failure_record, &key, 1);
	if (!record)
		return 0;
	record->frame = frame;
	record->type = type;
	record->result = result;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

/* ras:extlog_mem_event, drivers/acpi/acpi_extlog.c; fields of UEFI 2.10, N.2.5 at their offsets. */
SEC("tp_btf/extlog_mem_event")
int BPF_PROG(extlog_mem_event, void *section, __u32 sequence, void *unit, const char *unit_text,
	     __u8 severity)
{
	struct fold_key key = {.source = RAS_EXTLOG, .severity = severity};
	struct ras_extlog_record *record;
	__u8 type = 0;

	bpf_probe_read_kernel(&type, sizeof(type), section + 72);
	key.first = type;
	read_text(key.name, sizeof(key.name), unit_text);
	record = BEGIN_ERROR(ras_extlog_record, &key, 1);
	if (!record)
		return 0;
	bpf_probe_read_kernel(&record->validation, 8, section);
	bpf_probe_read_kernel(&record->physical_address, 8, section + 16);
	record->error_type = type;
	record->sequence = sequence;
	if (unit)
		bpf_probe_read_kernel(record->unit, GUID_BYTES, unit);
	read_text(record->unit_text, sizeof(record->unit_text), unit_text);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
