// SPDX-License-Identifier: Apache-2.0
// Loaded programs: file descriptor, attaching, running by hand.
#include "link.h"
#include "object.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <ctime>

// (object, program) -> fd, or -1 where it was not loaded
static Napi::Value program_fd(Napi::Env env, Open<Object> object, const std::string &program)
{
	int fd = bpf_program__fd(program_of(env, object, program));
	return Napi::Number::New(env, fd < 0 ? -1 : fd);
}

// (object, program) -> link, where the program's section says
static Napi::Value program_attach(Napi::Env env, Open<Object> object, const std::string &program)
{
	Capture capture;
	auto link = std::make_unique<Link>();
	link->link = bpf_program__attach(program_of(env, object, program));
	if (link->link == nullptr)
		fail(env, errno, "bpf_program__attach", capture.text);
	return give(env, std::move(link));
}

static int64_t monotonic_ns()
{
	timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// (fd, context or null, repeat, packet or null) -> { returnValue, durationNs: of one run, with its system
// call }. The loop is here because the kernel refuses `repeat` for raw tracepoints and syscall programs.
static Napi::Value program_run(Napi::Env env, int fd, std::optional<Bytes> given, uint32_t repeat,
			       std::optional<Bytes> sent)
{
	Bytes context = given.value_or(Bytes());
	Bytes packet = sent.value_or(Bytes());
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.data,
		    .data_size_in = static_cast<__u32>(packet.size), .ctx_in = context.data,
		    .ctx_size_in = static_cast<__u32>(context.size));
	int64_t before = monotonic_ns();
	for (uint32_t run = 0; run < repeat; run++) {
		int status = bpf_prog_test_run_opts(fd, &options);
		if (status != 0)
			fail(env, -status, "bpf_prog_test_run_opts");
	}
	double duration = static_cast<double>(monotonic_ns() - before) / repeat;
	auto result = Napi::Object::New(env);
	result.Set("returnValue", options.retval);
	result.Set("durationNs", duration);
	return result;
}

void register_program(Exports &exports)
{
	exports.add<program_fd>("program_fd");
	exports.add<program_attach>("program_attach");
	exports.add<program_run>("program_run");
}
