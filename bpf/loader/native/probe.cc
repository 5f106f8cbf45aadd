// SPDX-License-Identifier: Apache-2.0
// Questions to the kernel, asked by really loading and attaching a program of two instructions. JavaScript
// decides what to ask (numbers of types, ids from the kernel's BTF) and what the answer means
// (source/probe-attach.ts).
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cerrno>

#include "descriptor.h"
#include "exports.h"
#include "held-signals.h"

static Napi::Object answer(Napi::Env env, const char *failed, int error_number, const std::string &log)
{
	auto result = Napi::Object::New(env);
	result.Set("failed", failed);
	result.Set("errno", error_number);
	result.Set("log", log);
	return result;
}

static int open_perf_event(perf_event_attr &attributes)
{
	attributes.size = sizeof attributes;
	return syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static int attach_to_perf(int program, perf_event_attr attributes)
{
	Descriptor event(open_perf_event(attributes));
	if (event.fd < 0 || ioctl(event.fd, PERF_EVENT_IOC_SET_BPF, program) != 0)
		return errno;
	return 0;
}

// The target is a name (raw tracepoint, function), a tracepoint's id, or nothing. 0 or an errno.
static int attach(const std::string &kind, int program, const std::string &target, int number)
{
	perf_event_attr attributes = {};
	if (kind == "tracepoint") {
		attributes.type = PERF_TYPE_TRACEPOINT;
		attributes.config = number;
		return attach_to_perf(program, attributes);
	}
	if (kind == "kprobe") {
		attributes.type = number; // of the kprobe PMU
		attributes.kprobe_func = reinterpret_cast<uintptr_t>(target.c_str());
		return attach_to_perf(program, attributes);
	}
	if (kind == "perf_event") {
		attributes.type = PERF_TYPE_SOFTWARE;
		attributes.config = PERF_COUNT_SW_CPU_CLOCK;
		attributes.sample_period = 1000000000000; // no sample before it is closed again
		attributes.disabled = 1;
		return attach_to_perf(program, attributes);
	}
	int fd;
	if (kind == "iter")
		fd = bpf_link_create(program, 0, BPF_TRACE_ITER, nullptr);
	else
		fd = bpf_raw_tracepoint_open(kind == "raw_tp" ? target.c_str() : nullptr, program);
	Descriptor link(fd);
	return fd < 0 ? -fd : 0;
}

// (kind, program type, expected attach type, BTF id, target name, target number)
// -> { failed: "" | "load" | "attach", errno, log: of the verifier }
static Napi::Value probe_attach(Napi::Env env, const std::string &kind, int program_type, int attach_type,
				uint32_t btf_id, const std::string &target, int number)
{
	const bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
	};
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, options);
	options.expected_attach_type = static_cast<bpf_attach_type>(attach_type);
	options.attach_btf_id = btf_id;
	options.log_buf = log;
	options.log_size = sizeof log;

	Capture capture;
	HeldSignals held;
	Descriptor program(bpf_prog_load(static_cast<bpf_prog_type>(program_type), "probe", "GPL",
					 instructions, 2, &options));
	if (program.fd < 0)
		return answer(env, "load", -program.fd, log);
	int error_number = attach(kind, program.fd, target, number);
	return answer(env, error_number == 0 ? "" : "attach", error_number, log);
}

// -> names of all program types that this libbpf knows; the index is the number
static Napi::Value probe_list_types(Napi::Env env)
{
	auto names = Napi::Array::New(env);
	for (int type = 0;; type++) {
		const char *name = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(type));
		if (name == nullptr)
			return names;
		names.Set(type, name);
	}
}

// (program type) -> [1 yes, 0 no or negative errno, errno of the last refused call]
static Napi::Value probe_load_type(Napi::Env env, int program_type)
{
	Capture capture;
	HeldSignals held;
	errno = 0;
	int status = libbpf_probe_bpf_prog_type(static_cast<bpf_prog_type>(program_type), nullptr);
	int error_number = errno;
	auto result = Napi::Array::New(env, 2);
	result.Set(0u, Napi::Number::New(env, status));
	result.Set(1u, Napi::Number::New(env, error_number));
	return result;
}

void register_probe(Exports &exports)
{
	exports.add<probe_attach>("probe_attach");
	exports.add<probe_list_types>("probe_list_types");
	exports.add<probe_load_type>("probe_load_type");
}
