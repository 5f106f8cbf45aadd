// SPDX-License-Identifier: Apache-2.0
// The kernel stamps received packets with a time only while some socket wants to know it.
#include <linux/net_tstamp.h>
#include <sys/socket.h>

#include "descriptor.h"
#include "exports.h"

struct ReceiveTimestamps : Descriptor {
	static constexpr napi_type_tag tag = {0x6270667374616d00, 0x91d0c1fb2e6a4f06};
	static constexpr const char *name = "socket for time stamps";
};

// -> a socket that never receives anything; packets of the whole machine are stamped while it is open
static Napi::Value timestamps_keep(Napi::Env env)
{
	auto kept = std::make_unique<ReceiveTimestamps>();
	kept->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (kept->fd < 0 && errno == EAFNOSUPPORT)
		kept->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (kept->fd < 0)
		fail(env, errno, "socket");
	int flags = SOF_TIMESTAMPING_RX_SOFTWARE;
	if (setsockopt(kept->fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0)
		fail(env, errno, "setsockopt(SO_TIMESTAMPING)");
	return give(env, std::move(kept));
}

static void timestamps_release(Napi::Env, ReceiveTimestamps &kept)
{
	kept.close();
}

void register_receive_timestamps(Exports &exports)
{
	exports.add<timestamps_keep>("timestamps_keep");
	exports.add<timestamps_release>("timestamps_release");
}
