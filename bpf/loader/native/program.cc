// SPDX-License-Identifier: Apache-2.0
// Loaded programs: file descriptor, attaching, running by hand.
#include "link.h"
#include "object.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <ctime>

// (object, program) -> fd, or -1 where it was not loaded
static Napi::Value program_fd(const Napi::CallbackInfo &info)
{
	int fd = bpf_program__fd(program_of(info));
	return Napi::Number::New(info.Env(), fd < 0 ? -1 : fd);
}

// (object, program) -> link, where the program's section says
static Napi::Value program_attach(const Napi::CallbackInfo &info)
{
	Capture capture;
	auto link = std::make_unique<Link>();
	link->link = bpf_program__attach(program_of(info));
	if (link->link == nullptr)
		fail(info.Env(), errno, "bpf_program__attach", capture.text);
	return give(info.Env(), std::move(link));
}

static int64_t monotonic_ns()
{
	timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// (fd, context or null, repeat, packet or null) -> { returnValue, durationNs: of one run, with its system
// call } The loop is here because the kernel refuses `repeat` for raw tracepoints and syscall programs.
static Napi::Value program_run(const Napi::CallbackInfo &info)
{
	Bytes context = bytes_of(info, 1);
	uint32_t repeat = info[2].As<Napi::Number>().Uint32Value();
	Bytes packet = bytes_of(info, 3);
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet.data,
		    .data_size_in = static_cast<__u32>(packet.size), .ctx_in = context.data,
		    .ctx_size_in = static_cast<__u32>(context.size));
	int64_t before = monotonic_ns();
	for (uint32_t run = 0; run < repeat; run++) {
		int status = bpf_prog_test_run_opts(number_of(info, 0), &options);
		if (status != 0)
			fail(info.Env(), -status, "bpf_prog_test_run_opts");
	}
	double duration = static_cast<double>(monotonic_ns() - before) / repeat;
	auto result = Napi::Object::New(info.Env());
	result.Set("returnValue", options.retval);
	result.Set("durationNs", duration);
	return result;
}

void register_program(Napi::Env env, Napi::Object exports)
{
	exports.Set("program_fd", Napi::Function::New<program_fd>(env));
	exports.Set("program_attach", Napi::Function::New<program_attach>(env));
	exports.Set("program_run", Napi::Function::New<program_run>(env));
}
