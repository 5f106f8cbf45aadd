// SPDX-License-Identifier: Apache-2.0
// Clocks read back to back, so that their difference is an offset and not an offset plus a garbage
// collection.
#include <cerrno>
#include <ctime>

#include "addon.h"

static uint64_t read_clock(clockid_t clock)
{
	timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

// (BigUint64Array of four): realtime, boottime, monotonic, TAI
static void clock_read(const Napi::CallbackInfo &info)
{
	auto *times = info[0].As<Napi::BigUint64Array>().Data();
	times[0] = read_clock(CLOCK_REALTIME);
	times[1] = read_clock(CLOCK_BOOTTIME);
	times[2] = read_clock(CLOCK_MONOTONIC);
	times[3] = read_clock(CLOCK_TAI);
}

// -> nanoseconds between two ticks: what the coarse clocks advance by is one jiffy
// (kernel/time/posix-timers.c)
static Napi::Value clock_tick(const Napi::CallbackInfo &info)
{
	timespec tick;
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0)
		fail(info.Env(), errno, "clock_getres");
	return Napi::Number::New(info.Env(), tick.tv_sec * 1e9 + tick.tv_nsec);
}

void register_clock(Napi::Env env, Napi::Object exports)
{
	exports.Set("clock_read", Napi::Function::New<clock_read>(env));
	exports.Set("clock_tick", Napi::Function::New<clock_tick>(env));
}
