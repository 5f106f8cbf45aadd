// SPDX-License-Identifier: Apache-2.0
// Clocks read back to back, so that their difference is an offset and not an offset plus a garbage
// collection, or plus the time of another task that wanted the CPU.
#include <cerrno>
#include <cstdint>
#include <ctime>

#include "exports.h"

static uint64_t read_clock(clockid_t clock)
{
	timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

// What four readings take, many times over; a longer one was interrupted.
constexpr uint64_t undisturbed_ns = 20'000;
// A machine so busy that it interrupts each of them gets the shortest.
constexpr int attempts = 8;

// (BigUint64Array of four): realtime, boottime, monotonic, TAI
static void clock_read(Napi::Env, Elements<uint64_t, 4> times)
{
	uint64_t shortest_ns = UINT64_MAX;

	for (int attempt = 0; attempt < attempts && shortest_ns > undisturbed_ns; attempt++) {
		uint64_t monotonic = read_clock(CLOCK_MONOTONIC);
		uint64_t realtime = read_clock(CLOCK_REALTIME);
		uint64_t boottime = read_clock(CLOCK_BOOTTIME);
		uint64_t tai = read_clock(CLOCK_TAI);
		uint64_t took_ns = read_clock(CLOCK_MONOTONIC) - monotonic;

		if (took_ns >= shortest_ns)
			continue;
		shortest_ns = took_ns;
		times[0] = realtime;
		times[1] = boottime;
		times[2] = monotonic;
		times[3] = tai;
	}
}

// -> nanoseconds between two ticks: what the coarse clocks advance by is one jiffy
// (kernel/time/posix-timers.c)
static Napi::Value clock_tick(Napi::Env env)
{
	timespec tick;
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0)
		fail(env, errno, "clock_getres");
	return Napi::Number::New(env, tick.tv_sec * 1e9 + tick.tv_nsec);
}

void register_clock(Exports &exports)
{
	exports.add<clock_read>("clock_read");
	exports.add<clock_tick>("clock_tick");
}
