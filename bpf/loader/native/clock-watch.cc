// SPDX-License-Identifier: Apache-2.0
// Reports when the wall clock was set: a timer that is never due, and is cancelled by every step.
#include <sys/timerfd.h>

#include <cstdint>
#include <ctime>

#include "watched.h"

// The last second that the kernel's clocks can hold (KTIME_SEC_MAX, include/linux/time64.h): in the year
// 2262, where the kernel lets nobody set the wall clock to (timespec64_valid_settod).
constexpr time_t never_seconds = INT64_MAX / 1'000'000'000;

struct ClockWatch : Watched {
	static constexpr napi_type_tag tag = {0x627066636c6f6300, 0x91d0c1fb2e6a4f05};
	static constexpr const char *name = "clock watch";
	using Watched::Watched;

	// Fails with ECANCELED, and is armed all the same, when the clock was set in between.
	int start_timer()
	{
		itimerspec never = {};
		never.it_value.tv_sec = never_seconds;
		int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
		return timerfd_settime(fd(), flags, &never, nullptr) == 0 || errno == ECANCELED ? 0 : errno;
	}
};

// (id) -> watch, armed: the environment is woken with the id when the wall clock is set
static Napi::Value clock_watch(Napi::Env env, uint64_t id)
{
	auto watch = std::make_unique<ClockWatch>(env, id);
	watch->own(env, timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create");
	int error_number = watch->start_timer();
	if (error_number != 0)
		fail(env, error_number, "timerfd_settime");
	watch->watch(env);
	return give(env, std::move(watch));
}

// (watch) -> whether the wall clock was set since the last call; armed again
static Napi::Value clock_was_set(Napi::Env env, Open<ClockWatch> watch)
{
	uint64_t expirations;
	bool was_set = read(watch->fd(), &expirations, sizeof expirations) < 0 && errno == ECANCELED;
	if (was_set) {
		watch->start_timer();
		watch->arm(env);
	}
	return Napi::Boolean::New(env, was_set);
}

void register_clock_watch(Exports &exports)
{
	exports.add<clock_watch>("clock_watch");
	exports.add<clock_was_set>("clock_was_set");
	exports.add<watched_close<ClockWatch>>("clock_unwatch");
}
