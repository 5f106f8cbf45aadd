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
static Napi::Value kmsg_open(const Napi::CallbackInfo &info)
{
	auto log = std::make_unique<KernelLog>(info, 1);
	std::string path = text_of(info, 0);
	log->own(info.Env(), open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open");
	if (lseek(log->fd, 0, SEEK_END) < 0)
		fail(info.Env(), errno, "lseek");
	log->watch(info.Env());
	return give(info.Env(), std::move(log));
}

// (log, output) -> bytes of the next record; 0: none is there; -1: records were overwritten before they were
// read
static Napi::Value kmsg_read(const Napi::CallbackInfo &info)
{
	auto &log = take_open<KernelLog>(info);
	Bytes output = bytes_of(info, 1);
	ssize_t size;
	do
		size = read(log.fd, output.data, output.size);
	while (size < 0 && errno == EINTR);
	if (size < 0 && errno == EAGAIN)
		return Napi::Number::New(info.Env(), 0);
	if (size < 0 && errno != EPIPE)
		fail(info.Env(), errno, "read");
	return Napi::Number::New(info.Env(), size);
}

void register_kernel_log(Napi::Env env, Napi::Object exports)
{
	exports.Set("kmsg_open", Napi::Function::New<kmsg_open>(env));
	exports.Set("kmsg_read", Napi::Function::New<kmsg_read>(env));
	exports.Set("kmsg_arm", Napi::Function::New<watched_arm<KernelLog>>(env));
	exports.Set("kmsg_close", Napi::Function::New<watched_close<KernelLog>>(env));
}
