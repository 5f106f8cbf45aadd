// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a connection: of a Unix socket as the kernel noted it when the connection was
// made (unix(7), SO_PEERCRED), of TCP on this machine as sock_diag(7) knows the socket there.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "descriptor.h"
#include "exports.h"

// (descriptor of a connected Unix socket) -> [pid, uid, gid], as this process's namespaces number them
static Napi::Value peer_credentials(Napi::Env env, int fd)
{
	ucred peer = {};
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		fail(env, errno, "SO_PEERCRED");
	auto answer = Napi::Array::New(env, 3);
	answer.Set(0u, Napi::Number::New(env, peer.pid));
	answer.Set(1u, Napi::Number::New(env, peer.uid));
	answer.Set(2u, Napi::Number::New(env, peer.gid));
	return answer;
}

struct Endpoint {
	sa_family_t family = AF_UNSPEC;
	__be16 port = 0;
	__be32 address[4] = {};
};

// An IPv4 address in an IPv6 one is that of a socket of IPv4 at the other end.
static Endpoint read_endpoint(const sockaddr_storage &from)
{
	Endpoint to;
	to.family = from.ss_family;
	if (from.ss_family == AF_INET) {
		auto &in = reinterpret_cast<const sockaddr_in &>(from);
		to.port = in.sin_port;
		to.address[0] = in.sin_addr.s_addr;
	} else if (from.ss_family == AF_INET6) {
		auto &in = reinterpret_cast<const sockaddr_in6 &>(from);
		to.port = in.sin6_port;
		std::memcpy(to.address, &in.sin6_addr, sizeof to.address);
		if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
			to.family = AF_INET;
			to.address[0] = to.address[3];
		}
	}
	return to;
}

struct DiagRequest {
	nlmsghdr header;
	inet_diag_req_v2 body;
};

// (descriptor of a connected socket of TCP) -> user of the socket at the other end, or null where it is not
// in this network namespace
static Napi::Value peer_tcp_user(Napi::Env env, int fd)
{
	sockaddr_storage own = {}, other = {};
	socklen_t own_size = sizeof own, other_size = sizeof other;

	if (getsockname(fd, reinterpret_cast<sockaddr *>(&own), &own_size) != 0)
		fail(env, errno, "getsockname");
	if (getpeername(fd, reinterpret_cast<sockaddr *>(&other), &other_size) != 0)
		fail(env, errno, "getpeername");
	Endpoint here = read_endpoint(own), there = read_endpoint(other);
	if (here.family != AF_INET && here.family != AF_INET6)
		return env.Null();

	Descriptor diag(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
	if (diag.fd < 0)
		fail(env, errno, "NETLINK_SOCK_DIAG");
	DiagRequest request = {};
	request.header.nlmsg_len = sizeof request;
	request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request.header.nlmsg_flags = NLM_F_REQUEST;
	request.body.sdiag_family = here.family;
	request.body.sdiag_protocol = IPPROTO_TCP;
	request.body.idiag_states = ~0u;
	request.body.id.idiag_sport = there.port;
	request.body.id.idiag_dport = here.port;
	std::memcpy(request.body.id.idiag_src, there.address, sizeof there.address);
	std::memcpy(request.body.id.idiag_dst, here.address, sizeof here.address);
	request.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (send(diag.fd, &request, sizeof request, 0) < 0)
		fail(env, errno, "SOCK_DIAG_BY_FAMILY");

	alignas(nlmsghdr) char answer[4096];
	ssize_t size = recv(diag.fd, answer, sizeof answer, MSG_DONTWAIT);
	auto *header = reinterpret_cast<nlmsghdr *>(answer);
	if (size < 0)
		fail(env, errno, "SOCK_DIAG_BY_FAMILY");
	// An error: there is no such socket here, or this kernel has no inet_diag.
	if (!NLMSG_OK(header, static_cast<size_t>(size)) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg)))
		return env.Null();
	return Napi::Number::New(env, static_cast<inet_diag_msg *>(NLMSG_DATA(header))->idiag_uid);
}

void register_peer(Exports &exports)
{
	exports.add<peer_credentials>("peer_credentials");
	exports.add<peer_tcp_user>("peer_tcp_user");
}
