// SPDX-License-Identifier: Apache-2.0
// A route netlink socket: what the kernel says about network interfaces. Only bytes; JavaScript makes and
// reads the messages.
#include <linux/netlink.h>
#include <sys/socket.h>

#include "watched.h"

struct Netlink : Watched {
	static constexpr napi_type_tag tag = {0x6270666e6c696e6b, 0x8c2f7de0a4b94c15};
	static constexpr const char *name = "netlink socket";
	using Watched::Watched;
};

// More than net.core.rmem_max where the capability for it is there.
static void set_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// (groups: Uint32Array of RTNLGRP_…, receive buffer in bytes, id) -> socket, armed. ring_listen comes first.
static Napi::Value netlink_open(Napi::Env env, Elements<uint32_t> groups, int buffer_bytes, uint64_t id)
{
	auto netlink = std::make_unique<Netlink>(env, id);
	int flags = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
	netlink->own(env, socket(AF_NETLINK, flags, NETLINK_ROUTE), "socket of netlink");
	set_buffer(netlink->fd(), buffer_bytes);
	sockaddr_nl address = {};
	address.nl_family = AF_NETLINK;
	if (bind(netlink->fd(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
		fail(env, errno, "bind of netlink");
	for (size_t i = 0; i < groups.size; i++) {
		int group = groups[i];
		if (setsockopt(netlink->fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
			fail(env, errno, "NETLINK_ADD_MEMBERSHIP");
	}
	netlink->watch(env);
	return give(env, std::move(netlink));
}

// (socket, output) -> bytes of the next datagram of the kernel; 0: none is waiting; -1: datagrams were lost
static Napi::Value netlink_read(Napi::Env env, Open<Netlink> netlink, Bytes output)
{
	for (;;) {
		sockaddr_nl sender = {};
		socklen_t length = sizeof sender;
		ssize_t size = recvfrom(netlink->fd(), output.data, output.size, MSG_TRUNC,
					reinterpret_cast<sockaddr *>(&sender), &length);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return Napi::Number::New(env, 0);
		if (size < 0 && errno != ENOBUFS)
			fail(env, errno, "recvfrom of netlink");
		// Any process may write to this socket; only the kernel is port 0.
		if (size >= 0 && sender.nl_pid != 0)
			continue;
		bool is_lost = size < 0 || static_cast<size_t>(size) > output.size;
		return Napi::Number::New(env, is_lost ? -1 : size);
	}
}

// (socket, one message to the kernel)
static void netlink_send(Napi::Env env, Open<Netlink> netlink, Bytes message)
{
	sockaddr_nl kernel = {};
	kernel.nl_family = AF_NETLINK;
	if (sendto(netlink->fd(), message.data, message.size, 0, reinterpret_cast<sockaddr *>(&kernel),
		   sizeof kernel) < 0)
		fail(env, errno, "sendto of netlink");
}

void register_netlink(Exports &exports)
{
	exports.add<netlink_open>("netlink_open");
	exports.add<netlink_read>("netlink_read");
	exports.add<netlink_send>("netlink_send");
	exports.add<watched_arm<Netlink>>("netlink_arm");
	exports.add<watched_hold<Netlink>>("netlink_hold");
	exports.add<watched_release<Netlink>>("netlink_release");
	exports.add<watched_close<Netlink>>("netlink_close");
}
