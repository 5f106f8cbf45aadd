// SPDX-License-Identifier: Apache-2.0
/* How often a second this machine's time stamp counter counts: an emulated machine counts as often. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define SAMPLE_NS 100000000

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void)
{
	int64_t start_ns = now_ns();
	uint64_t start = __rdtsc();
	int64_t end_ns;

	while ((end_ns = now_ns()) - start_ns < SAMPLE_NS)
		;
	/* Kilohertz. */
	printf("%.0f\n", (double)(__rdtsc() - start) * 1e6 / (end_ns - start_ns));
	return 0;
}
