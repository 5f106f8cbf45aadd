// SPDX-License-Identifier: Apache-2.0
// Links: perf events as hooks, reading of iterators, closing.
#include "link.h"
#include "object.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

static int open_cpu_clock(int cpu, uint64_t period, bool is_frequency)
{
	perf_event_attr attributes = {};
	attributes.size = sizeof attributes;
	attributes.type = PERF_TYPE_SOFTWARE;
	attributes.config = PERF_COUNT_SW_CPU_CLOCK;
	attributes.sample_period = period; // a union with sample_freq
	attributes.freq = is_frequency;
	return syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

// (object, program, cpu, period in ns or frequency in Hz, which) -> link
static Napi::Value link_open_clock(const Napi::CallbackInfo &info)
{
	Capture capture;
	auto *program = program_of(info);
	uint64_t period = info[3].As<Napi::Number>().Int64Value();
	int fd = open_cpu_clock(number_of(info, 2), period, info[4].As<Napi::Boolean>());
	if (fd < 0)
		fail(info.Env(), errno, "perf_event_open");
	auto link = std::make_unique<Link>();
	link->link = bpf_program__attach_perf_event(program, fd);
	if (link->link == nullptr) {
		int error_number = errno;
		close(fd); // the link owns it only once there is one
		fail(info.Env(), error_number, "bpf_program__attach_perf_event", capture.text);
	}
	return give(info.Env(), std::move(link));
}

// (link of an iterator) -> what one whole run wrote
static Napi::Value link_iterate(const Napi::CallbackInfo &info)
{
	auto &link = take<Link>(info, 0);
	if (link.link == nullptr)
		fail(info.Env(), EBADF, "use of a closed link");
	int fd = bpf_iter_create(bpf_link__fd(link.link));
	if (fd < 0)
		fail(info.Env(), -fd, "bpf_iter_create");
	std::vector<char> output;
	ssize_t got = 0;
	do {
		size_t before = output.size();
		output.resize(before + 64 * 1024);
		do
			got = read(fd, &output[before], output.size() - before);
		while (got < 0 && (errno == EAGAIN || errno == EINTR));
		output.resize(before + (got > 0 ? got : 0));
	} while (got > 0);
	int error_number = errno;
	close(fd);
	if (got < 0)
		fail(info.Env(), error_number, "read of the iterator");
	return Napi::Buffer<char>::Copy(info.Env(), output.data(), output.size());
}

static void link_close(const Napi::CallbackInfo &info)
{
	take<Link>(info, 0).close();
}

void register_link(Napi::Env env, Napi::Object exports)
{
	exports.Set("link_open_clock", Napi::Function::New<link_open_clock>(env));
	exports.Set("link_iterate", Napi::Function::New<link_iterate>(env));
	exports.Set("link_close", Napi::Function::New<link_close>(env));
}
