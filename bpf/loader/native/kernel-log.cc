// SPDX-License-Identifier: Apache-2.0
// The kernel's log as it grows: /dev/kmsg, one record a read (Documentation/ABI/testing/dev-kmsg).
#include <fcntl.h>

#include "watched.h"

struct KernelLog : Watched {
	static constexpr napi_type_tag tag = {0x6270666b6d736700, 0x91d0c1fb2e6a4f06};
	static constexpr const char *name = "kernel log";
	using Watched::Watched;
};

// (path, id) -> log, armed: what is there already is not read
static Napi::Value kmsg_open(Napi::Env env, const std::string &path, uint64_t id)
{
	auto log = std::make_unique<KernelLog>(env, id);
	log->own(env, open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open");
	if (lseek(log->fd(), 0, SEEK_END) < 0)
		fail(env, errno, "lseek");
	log->watch(env);
	return give(env, std::move(log));
}

// (log, output) -> bytes of the next record; 0: none is there; -1: records were overwritten before they were
// read
static Napi::Value kmsg_read(Napi::Env env, Open<KernelLog> log, Bytes output)
{
	ssize_t size;
	do
		size = read(log->fd(), output.data, output.size);
	while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		return Napi::Number::New(env, 0);
	if (size < 0 && errno != EPIPE)
		fail(env, errno, "read");
	return Napi::Number::New(env, size);
}

void register_kernel_log(Exports &exports)
{
	exports.add<kmsg_open>("kmsg_open");
	exports.add<kmsg_read>("kmsg_read");
	exports.add<watched_arm<KernelLog>>("kmsg_arm");
	exports.add<watched_close<KernelLog>>("kmsg_close");
}
