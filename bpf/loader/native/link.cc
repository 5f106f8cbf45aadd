// SPDX-License-Identifier: Apache-2.0
// Links: perf events as hooks, reading of iterators, closing.
#include "descriptor.h"
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
static Napi::Value link_open_clock(Napi::Env env, Open<Object> object, const std::string &program, int cpu,
				   uint64_t period, bool is_frequency)
{
	Capture capture;
	auto link = std::make_unique<Link>();
	Descriptor clock(open_cpu_clock(cpu, period, is_frequency));
	if (clock.fd < 0)
		fail(env, errno, "perf_event_open");
	link->link = bpf_program__attach_perf_event(program_of(env, object, program), clock.fd);
	if (link->link == nullptr)
		fail(env, errno, "bpf_program__attach_perf_event", capture.text);
	clock.fd = -1; // the link's now
	return give(env, std::move(link));
}

// (link of an iterator) -> what one whole run wrote
static Napi::Value link_iterate(Napi::Env env, Open<Link> link)
{
	Descriptor iterator(bpf_iter_create(bpf_link__fd(link->link)));
	if (iterator.fd < 0)
		fail(env, -iterator.fd, "bpf_iter_create");
	std::vector<char> output;
	ssize_t got = 0;
	do {
		size_t before = output.size();
		output.resize(before + 64 * 1024);
		do
			got = read(iterator.fd, &output[before], output.size() - before);
		while (got < 0 && (errno == EAGAIN || errno == EINTR));
		output.resize(before + (got > 0 ? got : 0));
	} while (got > 0);
	if (got < 0)
		fail(env, errno, "read of the iterator");
	return Napi::Buffer<char>::Copy(env, output.data(), output.size());
}

static void link_close(Napi::Env, Link &link)
{
	link.close();
}

void register_link(Exports &exports)
{
	exports.add<link_open_clock>("link_open_clock");
	exports.add<link_iterate>("link_iterate");
	exports.add<link_close>("link_close");
}
