// SPDX-License-Identifier: Apache-2.0
// One thread per Node environment that waits for all its rings, sockets and files (watched.h). It reads none:
// it only tells the JavaScript thread which have data.
#pragma once
#include <napi.h>

#include <array>
#include <cstdint>
#include <thread>

#include "descriptor.h"

class Poller
{
      public:
	// What a descriptor is never watched under.
	static constexpr uint64_t stop_id = 0;

	// `wake` is called on the JavaScript thread with an array of ring ids.
	Poller(Napi::Env env, Napi::Function wake);
	~Poller();
	Poller(const Poller &) = delete;
	Poller &operator=(const Poller &) = delete;

	// 0 or an errno. A ring is reported once per arm().
	int add(int fd, uint64_t id);
	int arm(int fd, uint64_t id);
	void remove(int fd);

	// The environment stays alive while there is at least one hold.
	void hold(Napi::Env env);
	void release(Napi::Env env);

	// Ends the thread. Safe twice. After it the object only answers remove().
	void stop();

      private:
	struct Ids {
		static constexpr size_t most = 32;
		size_t count = 0;
		std::array<uint64_t, most> values;
	};
	static void call_wake(Napi::Env env, Napi::Function wake, Poller *self, Ids *ids);
	using Wake = Napi::TypedThreadSafeFunction<Poller, Ids, call_wake>;

	void start_thread(Napi::Env env);
	void wait() noexcept;
	Descriptor epoll_;
	Descriptor stop_;
	size_t holds_ = 0;
	bool stopped_ = false;
	Wake wake_;
	std::thread thread_;
};
