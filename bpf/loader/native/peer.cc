// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a Unix socket, as the kernel noted it when the connection was made (unix(7),
// SO_PEERCRED).
#include <sys/socket.h>

#include <cerrno>

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

void register_peer(Exports &exports)
{
	exports.add<peer_credentials>("peer_credentials");
}
