// SPDX-License-Identifier: Apache-2.0
// Tells when somebody sets the wall clock: a timer that is never due, and is cancelled by every step.
#include <sys/timerfd.h>

#include <cstdint>
#include <limits>

#include "watched.h"

struct ClockWatch : Watched {
	static constexpr napi_type_tag tag = {0x627066636c6f6300, 0x91d0c1fb2e6a4f05};
	static constexpr const char *name = "clock watch";
	using Watched::Watched;

	// Fails with ECANCELED, and is armed all the same, when the clock was set in between.
	int start_timer()
	{
		itimerspec never = {};
		never.it_value.tv_sec = std::numeric_limits<int32_t>::max();
		int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
		return timerfd_settime(fd, flags, &never, nullptr) == 0 || errno == ECANCELED ? 0 : errno;
	}
};

// (id) -> watch, armed: the environment is woken with the id when the wall clock is set
static Napi::Value clock_watch(const Napi::CallbackInfo &info)
{
	auto watch = std::make_unique<ClockWatch>(info, 0);
	watch->own(info.Env(), timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create");
	int error_number = watch->start_timer();
	if (error_number != 0)
		fail(info.Env(), error_number, "timerfd_settime");
	watch->watch(info.Env());
	return give(info.Env(), std::move(watch));
}

// (watch) -> whether the wall clock was set since the last call; armed again
static Napi::Value clock_was_set(const Napi::CallbackInfo &info)
{
	auto &watch = take_open<ClockWatch>(info);
	uint64_t expirations;
	bool was_set = read(watch.fd, &expirations, sizeof expirations) < 0 && errno == ECANCELED;
	if (was_set) {
		watch.start_timer();
		watch.arm(info.Env());
	}
	return Napi::Boolean::New(info.Env(), was_set);
}

void register_clock_watch(Napi::Env env, Napi::Object exports)
{
	exports.Set("clock_watch", Napi::Function::New<clock_watch>(env));
	exports.Set("clock_was_set", Napi::Function::New<clock_was_set>(env));
	exports.Set("clock_unwatch", Napi::Function::New<watched_close<ClockWatch>>(env));
}
