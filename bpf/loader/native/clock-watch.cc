// SPDX-License-Identifier: Apache-2.0
// Tells when somebody sets the wall clock: a timer that is never due, and is cancelled by every step.
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>

#include "addon.h"
#include "poller.h"

struct ClockWatch {
	static constexpr napi_type_tag tag = {0x627066636c6f6300, 0x91d0c1fb2e6a4f05};
	std::shared_ptr<Poller> poller;
	uint64_t id = 0;
	int fd = -1;

	~ClockWatch()
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
	auto watch = std::make_unique<ClockWatch>();
	watch->poller = *info.Env().GetInstanceData<std::shared_ptr<Poller>>();
	watch->id = info[0].As<Napi::Number>().Int64Value();
	watch->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->fd < 0)
		fail(info.Env(), errno, "timerfd_create");
	int error_number = watch->start_timer();
	if (error_number != 0)
		fail(info.Env(), error_number, "timerfd_settime");
	error_number = watch->poller->add(watch->fd, watch->id);
	if (error_number != 0)
		fail(info.Env(), error_number, "epoll_ctl");
	return give(info.Env(), std::move(watch));
}

// (watch) -> whether the wall clock was set since the last call; armed again
static Napi::Value clock_was_set(const Napi::CallbackInfo &info)
{
	auto &watch = take<ClockWatch>(info, 0);
	if (watch.fd < 0)
		fail(info.Env(), EBADF, "use of a closed clock watch");
	uint64_t expirations;
	bool was_set = read(watch.fd, &expirations, sizeof expirations) < 0 && errno == ECANCELED;
	if (was_set) {
		watch.start_timer();
		watch.poller->arm(watch.fd, watch.id);
	}
	return Napi::Boolean::New(info.Env(), was_set);
}

static void clock_unwatch(const Napi::CallbackInfo &info)
{
	take<ClockWatch>(info, 0).close();
}

void register_clock_watch(Napi::Env env, Napi::Object exports)
{
	exports.Set("clock_watch", Napi::Function::New<clock_watch>(env));
	exports.Set("clock_was_set", Napi::Function::New<clock_was_set>(env));
	exports.Set("clock_unwatch", Napi::Function::New<clock_unwatch>(env));
}
