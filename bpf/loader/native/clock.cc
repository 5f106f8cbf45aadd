// SPDX-License-Identifier: Apache-2.0
// Clocks read back to back, so that their difference is an offset and not an offset plus a garbage
// collection.
#include <ctime>

#include "addon.h"

static uint64_t read_clock(clockid_t clock)
{
	timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

// (BigUint64Array of three): realtime, boottime, monotonic
static void clock_read(const Napi::CallbackInfo &info)
{
	auto *times = info[0].As<Napi::BigUint64Array>().Data();
	times[0] = read_clock(CLOCK_REALTIME);
	times[1] = read_clock(CLOCK_BOOTTIME);
	times[2] = read_clock(CLOCK_MONOTONIC);
}

void register_clock(Napi::Env env, Napi::Object exports)
{
	exports.Set("clock_read", Napi::Function::New<clock_read>(env));
}
