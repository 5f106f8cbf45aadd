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
static Napi::Value netlink_open(const Napi::CallbackInfo &info)
{
	auto netlink = std::make_unique<Netlink>(info, 2);
	auto groups = info[0].As<Napi::Uint32Array>();
	int flags = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
	netlink->own(info.Env(), socket(AF_NETLINK, flags, NETLINK_ROUTE), "socket of netlink");
	set_buffer(netlink->fd, number_of(info, 1));
	sockaddr_nl address = {};
	address.nl_family = AF_NETLINK;
	if (bind(netlink->fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
		fail(info.Env(), errno, "bind of netlink");
	for (size_t i = 0; i < groups.ElementLength(); i++) {
		int group = groups.Data()[i];
		if (setsockopt(netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
			fail(info.Env(), errno, "NETLINK_ADD_MEMBERSHIP");
	}
	netlink->watch(info.Env());
	return give(info.Env(), std::move(netlink));
}

// (socket, output) -> bytes of the next datagram of the kernel; 0: none is waiting; -1: datagrams were lost
static Napi::Value netlink_read(const Napi::CallbackInfo &info)
{
	auto &netlink = take_open<Netlink>(info);
	Bytes output = bytes_of(info, 1);
	for (;;) {
		sockaddr_nl sender = {};
		socklen_t length = sizeof sender;
		ssize_t size = recvfrom(netlink.fd, output.data, output.size, MSG_TRUNC,
					reinterpret_cast<sockaddr *>(&sender), &length);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return Napi::Number::New(info.Env(), 0);
		if (size < 0 && errno != ENOBUFS)
			fail(info.Env(), errno, "recvfrom of netlink");
		// Any process may write to this socket; only the kernel is port 0.
		if (size >= 0 && sender.nl_pid != 0)
			continue;
		bool is_lost = size < 0 || static_cast<size_t>(size) > output.size;
		return Napi::Number::New(info.Env(), is_lost ? -1 : size);
	}
}

// (socket, one message to the kernel)
static void netlink_send(const Napi::CallbackInfo &info)
{
	auto &netlink = take_open<Netlink>(info);
	Bytes message = bytes_of(info, 1);
	sockaddr_nl kernel = {};
	kernel.nl_family = AF_NETLINK;
	if (sendto(netlink.fd, message.data, message.size, 0, reinterpret_cast<sockaddr *>(&kernel),
		   sizeof kernel) < 0)
		fail(info.Env(), errno, "sendto of netlink");
}

void register_netlink(Napi::Env env, Napi::Object exports)
{
	exports.Set("netlink_open", Napi::Function::New<netlink_open>(env));
	exports.Set("netlink_read", Napi::Function::New<netlink_read>(env));
	exports.Set("netlink_send", Napi::Function::New<netlink_send>(env));
	exports.Set("netlink_arm", Napi::Function::New<watched_arm<Netlink>>(env));
	exports.Set("netlink_hold", Napi::Function::New<watched_hold<Netlink>>(env));
	exports.Set("netlink_release", Napi::Function::New<watched_release<Netlink>>(env));
	exports.Set("netlink_close", Napi::Function::New<watched_close<Netlink>>(env));
}
