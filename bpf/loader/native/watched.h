// SPDX-License-Identifier: Apache-2.0
// What rings, sockets and files that the kernel wakes us by have in common: a descriptor of ours in the
// environment's poller, under the id that JavaScript knows it by.
#pragma once
#include <unistd.h>

#include <cerrno>

#include "addon.h"
#include "poller.h"

class Watched
{
      public:
	// The argument `index` is the id. ring_listen comes first.
	Watched(const Napi::CallbackInfo &info, size_t index)
	    : poller_(*info.Env().GetInstanceData<std::shared_ptr<Poller>>()),
	      id_(info[index].As<Napi::Number>().Int64Value())
	{
	}
	Watched(const Watched &) = delete;
	Watched &operator=(const Watched &) = delete;
	~Watched()
	{
		close();
	}

	// Takes the descriptor, negative where `call` failed; nobody is woken before the first watch().
	void own(Napi::Env env, int descriptor, const char *call)
	{
		fd = descriptor;
		if (fd < 0)
			fail(env, errno, call);
	}
	// Wakes once when there is something to read, at once if there is already.
	void watch(Napi::Env env)
	{
		check(env, poller_->add(fd, id_));
	}
	void arm(Napi::Env env)
	{
		check(env, poller_->arm(fd, id_));
	}
	void hold(Napi::Env env)
	{
		poller_->hold(env);
	}
	void release(Napi::Env env)
	{
		poller_->release(env);
	}
	void close()
	{
		if (fd < 0)
			return;
		// By hand: others may have the same file open, which would leave it watched.
		poller_->remove(fd);
		::close(fd);
		fd = -1;
	}

	int fd = -1;

      private:
	static void check(Napi::Env env, int error_number)
	{
		if (error_number != 0)
			fail(env, error_number, "epoll_ctl");
	}
	std::shared_ptr<Poller> poller_;
	uint64_t id_;
};

// The first argument, a `T` that is not closed.
template <typename T> T &take_open(const Napi::CallbackInfo &info)
{
	auto &watched = take<T>(info, 0);
	if (watched.fd < 0)
		fail(info.Env(), EBADF, std::string("use of a closed ") + T::name);
	return watched;
}

template <typename T> void watched_arm(const Napi::CallbackInfo &info)
{
	take_open<T>(info).arm(info.Env());
}

template <typename T> void watched_hold(const Napi::CallbackInfo &info)
{
	take_open<T>(info).hold(info.Env());
}

template <typename T> void watched_release(const Napi::CallbackInfo &info)
{
	take_open<T>(info).release(info.Env());
}

template <typename T> void watched_close(const Napi::CallbackInfo &info)
{
	take<T>(info, 0).close();
}
