// SPDX-License-Identifier: Apache-2.0
// The kernel stamps received packets with a time only while some socket wants to know it.
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "addon.h"

struct ReceiveTimestamps {
	static constexpr napi_type_tag tag = {0x6270667374616d00, 0x91d0c1fb2e6a4f06};
	int fd = -1;

	~ReceiveTimestamps()
	{
		close();
	}
	void close()
	{
		if (fd >= 0)
			::close(fd);
		fd = -1;
	}
};

// -> a socket that never receives anything; packets of the whole machine are stamped while it is open
static Napi::Value timestamps_keep(const Napi::CallbackInfo &info)
{
	auto kept = std::make_unique<ReceiveTimestamps>();
	kept->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (kept->fd < 0 && errno == EAFNOSUPPORT)
		kept->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (kept->fd < 0)
		fail(info.Env(), errno, "socket");
	int flags = SOF_TIMESTAMPING_RX_SOFTWARE;
	if (setsockopt(kept->fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0)
		fail(info.Env(), errno, "setsockopt(SO_TIMESTAMPING)");
	return give(info.Env(), std::move(kept));
}

static void timestamps_release(const Napi::CallbackInfo &info)
{
	take<ReceiveTimestamps>(info, 0).close();
}

void register_receive_timestamps(Napi::Env env, Napi::Object exports)
{
	exports.Set("timestamps_keep", Napi::Function::New<timestamps_keep>(env));
	exports.Set("timestamps_release", Napi::Function::New<timestamps_release>(env));
}
