// SPDX-License-Identifier: Apache-2.0
// A route netlink socket: what the kernel says about network interfaces. Only bytes; JavaScript makes and
// reads the messages.
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "addon.h"
#include "poller.h"

struct Netlink {
	static constexpr napi_type_tag tag = {0x6270666e6c696e6b, 0x8c2f7de0a4b94c15};
	std::shared_ptr<Poller> poller;
	uint64_t id = 0;
	int fd = -1;

	~Netlink()
	{
		close();
	}
	void close()
	{
		if (fd < 0)
			return;
		poller->remove(fd);
		::close(fd);
		fd = -1;
	}
};

static Netlink &open_netlink(const Napi::CallbackInfo &info)
{
	auto &netlink = take<Netlink>(info, 0);
	if (netlink.fd < 0)
		fail(info.Env(), EBADF, "use of a closed netlink socket");
	return netlink;
}

// More than net.core.rmem_max where the capability for it is there.
static void set_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// (groups: Uint32Array of RTNLGRP_…, receive buffer in bytes, id) -> socket, armed. ring_listen comes first.
static Napi::Value netlink_open(const Napi::CallbackInfo &info)
{
	auto netlink = std::make_unique<Netlink>();
	auto groups = info[0].As<Napi::Uint32Array>();
	netlink->poller = *info.Env().GetInstanceData<std::shared_ptr<Poller>>();
	netlink->id = info[2].As<Napi::Number>().Int64Value();
	netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (netlink->fd < 0)
		fail(info.Env(), errno, "socket of netlink");
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
	int error_number = netlink->poller->add(netlink->fd, netlink->id);
	if (error_number != 0)
		fail(info.Env(), error_number, "epoll_ctl");
	return give(info.Env(), std::move(netlink));
}

// (socket, output) -> bytes of the next datagram of the kernel; 0: none is waiting; -1: datagrams were lost
static Napi::Value netlink_read(const Napi::CallbackInfo &info)
{
	auto &netlink = open_netlink(info);
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
	auto &netlink = open_netlink(info);
	Bytes message = bytes_of(info, 1);
	sockaddr_nl kernel = {};
	kernel.nl_family = AF_NETLINK;
	if (sendto(netlink.fd, message.data, message.size, 0, reinterpret_cast<sockaddr *>(&kernel),
		   sizeof kernel) < 0)
		fail(info.Env(), errno, "sendto of netlink");
}

// (socket): wake once when there is something to read, at once if there is already
static void netlink_arm(const Napi::CallbackInfo &info)
{
	auto &netlink = open_netlink(info);
	int error_number = netlink.poller->arm(netlink.fd, netlink.id);
	if (error_number != 0)
		fail(info.Env(), error_number, "epoll_ctl");
}

static void netlink_hold(const Napi::CallbackInfo &info)
{
	open_netlink(info).poller->hold(info.Env());
}

static void netlink_release(const Napi::CallbackInfo &info)
{
	open_netlink(info).poller->release(info.Env());
}

static void netlink_close(const Napi::CallbackInfo &info)
{
	take<Netlink>(info, 0).close();
}

void register_netlink(Napi::Env env, Napi::Object exports)
{
	exports.Set("netlink_open", Napi::Function::New<netlink_open>(env));
	exports.Set("netlink_read", Napi::Function::New<netlink_read>(env));
	exports.Set("netlink_send", Napi::Function::New<netlink_send>(env));
	exports.Set("netlink_arm", Napi::Function::New<netlink_arm>(env));
	exports.Set("netlink_hold", Napi::Function::New<netlink_hold>(env));
	exports.Set("netlink_release", Napi::Function::New<netlink_release>(env));
	exports.Set("netlink_close", Napi::Function::New<netlink_close>(env));
}
