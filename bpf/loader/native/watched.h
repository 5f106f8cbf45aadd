// SPDX-License-Identifier: Apache-2.0
// What rings, sockets and files that the kernel wakes us by have in common: a descriptor of ours in the
// environment's poller, under the id that JavaScript knows it by.
#pragma once
#include "descriptor.h"
#include "exports.h"
#include "poller.h"

class Watched
{
      public:
	// ring_listen comes first.
	Watched(Napi::Env env, uint64_t id)
	    : poller_(*env.GetInstanceData<std::shared_ptr<Poller>>()), id_(id)
	{
		if (poller_ == nullptr)
			fail(env, ENXIO, "use before ring_listen");
		if (id == Poller::stop_id)
			throw Napi::TypeError::New(env, "ids begin at 1");
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
		descriptor_.fd = descriptor;
		if (descriptor < 0)
			fail(env, errno, call);
	}
	// Wakes once when there is something to read, at once if there is already.
	void watch(Napi::Env env)
	{
		check(env, poller_->add(fd(), id_));
	}
	void arm(Napi::Env env)
	{
		check(env, poller_->arm(fd(), id_));
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
		if (!is_open())
			return;
		// By hand: others may have the same file open, which would leave it watched.
		poller_->remove(fd());
		descriptor_.close();
	}
	bool is_open() const
	{
		return descriptor_.fd >= 0;
	}
	int fd() const
	{
		return descriptor_.fd;
	}

      private:
	static void check(Napi::Env env, int error_number)
	{
		if (error_number != 0)
			fail(env, error_number, "epoll_ctl");
	}
	std::shared_ptr<Poller> poller_;
	uint64_t id_;
	Descriptor descriptor_;
};

template <typename T> void watched_arm(Napi::Env env, Open<T> watched)
{
	watched->arm(env);
}

template <typename T> void watched_hold(Napi::Env env, Open<T> watched)
{
	watched->hold(env);
}

template <typename T> void watched_release(Napi::Env env, Open<T> watched)
{
	watched->release(env);
}

template <typename T> void watched_close(Napi::Env, T &watched)
{
	watched.close();
}
