/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Classic BPF, Documentation/networking/filter.rst: every instruction that libpcap makes for a file. */
#ifndef KERNTEL_INTERPRET_H
#define KERNTEL_INTERPRET_H

#include "filter.h"

/* A load beyond the packet ends the program, and the packet is refused. */
#define OUT_OF_BOUNDS ((__u64)-1)

static __always_inline __u64 load(struct filter_machine *machine, __u32 offset, __u32 size)
{
	const __u8 *at;

	if (offset > sizeof(machine->frame) - 4 || offset + size > machine->valid_bytes)
		return OUT_OF_BOUNDS;
	at = machine->frame + offset;
	if (size == 1)
		return *at;
	if (size == 2)
		return (__u32)at[0] << 8 | at[1];
	return (__u64)at[0] << 24 | (__u32)at[1] << 16 | (__u32)at[2] << 8 | at[3];
}

static __always_inline __u64 load_value(struct filter_machine *machine, __u32 code, __u32 constant)
{
	__u32 offset = constant;
	__u32 size = BPF_SIZE(code) == BPF_B ? 1 : BPF_SIZE(code) == BPF_H ? 2 : 4;
	__u64 byte;

	switch (BPF_MODE(code)) {
	case BPF_IMM:
		return constant;
	case BPF_LEN:
		return machine->frame_bytes;
	case BPF_MEM:
		return machine->memory[constant & (BPF_MEMWORDS - 1)];
	case BPF_MSH:
		byte = load(machine, constant, 1);
		return byte == OUT_OF_BOUNDS ? byte : (byte & 0xf) << 2;
	case BPF_IND:
		offset += machine->index;
		if (offset < constant)
			return OUT_OF_BOUNDS;
	}
	return load(machine, offset, size);
}

static __always_inline __u64 calculate(__u32 operation, __u32 left, __u32 right)
{
	switch (operation) {
	case BPF_ADD:
		return left + right;
	case BPF_SUB:
		return left - right;
	case BPF_MUL:
		return left * right;
	case BPF_DIV:
		return right ? left / right : OUT_OF_BOUNDS;
	case BPF_MOD:
		return right ? left % right : OUT_OF_BOUNDS;
	case BPF_AND:
		return left & right;
	case BPF_OR:
		return left | right;
	case BPF_XOR:
		return left ^ right;
	case BPF_LSH:
		return right < 32 ? left << right : 0;
	case BPF_RSH:
		return right < 32 ? left >> right : 0;
	}
	return -left;
}

static __always_inline bool compare(__u32 operation, __u32 left, __u32 right)
{
	switch (operation) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	}
	return left & right;
}

/*
 * One instruction; whether the program has ended, with the verdict in the accumulator. A global function,
 * because the verifier looks at such a one by itself and once, and not for each step and all that may have
 * come before.
 */
__attribute__((noinline)) int run_instruction(struct filter_machine *machine,
					      const struct filter_instruction *instruction)
{
	__u32 code, operand;
	__u64 value;

	if (!machine || !instruction)
		return 1;
	code = instruction->code;
	operand = BPF_SRC(code) == BPF_X ? machine->index : instruction->constant;
	switch (BPF_CLASS(code)) {
	case BPF_LD:
	case BPF_LDX:
		value = load_value(machine, code, instruction->constant);
		break;
	case BPF_ST:
	case BPF_STX:
		machine->memory[instruction->constant & (BPF_MEMWORDS - 1)] =
			BPF_CLASS(code) == BPF_ST ? machine->accumulator : machine->index;
		return 0;
	case BPF_ALU:
		value = calculate(BPF_OP(code), machine->accumulator, operand);
		break;
	case BPF_JMP:
		if (BPF_OP(code) == BPF_JA)
			machine->next += instruction->constant;
		else
			machine->next += compare(BPF_OP(code), machine->accumulator, operand)
						 ? instruction->if_true
						 : instruction->if_false;
		return 0;
	case BPF_RET:
		if (BPF_RVAL(code) != BPF_A)
			machine->accumulator = instruction->constant;
		return 1;
	default:
		value = BPF_MISCOP(code) == BPF_TAX ? machine->accumulator : machine->index;
	}
	if (value == OUT_OF_BOUNDS) {
		machine->accumulator = 0;
		return 1;
	}
	if (BPF_CLASS(code) == BPF_LDX || (BPF_CLASS(code) == BPF_MISC && BPF_MISCOP(code) == BPF_TAX))
		machine->index = value;
	else
		machine->accumulator = value;
	return 0;
}

/* Whether the filter in force wants the packet. Jumps only go forward, so each instruction runs once at most.
 */
static __always_inline bool wants_packet(struct sk_buff *packet, __u32 in_force)
{
	__u32 zero = 0, slot = in_force - 1;
	struct filter_machine *machine = bpf_map_lookup_elem(&filter_machines, &zero);
	const struct packet_filter *filter = bpf_map_lookup_elem(&filters, &slot);

	if (!machine || !filter)
		return true;
	build_frame(machine, packet);
	for (__u32 step = 0; step < FILTER_INSTRUCTIONS; step++) {
		__u32 next = *(volatile __u32 *)&machine->next;

		if (next >= FILTER_INSTRUCTIONS)
			break;
		machine->next = next + 1;
		if (run_instruction(machine, &filter->instructions[next]))
			return machine->accumulator != 0;
	}
	return false;
}

#endif
