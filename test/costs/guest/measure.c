// SPDX-License-Identifier: Apache-2.0
// Runs one workload in a guest whose clock counts instructions, slice by slice, and prints as JSON what each
// slice took: [count, nanoseconds]. measure [-p PID] [-e OBJECT -n NAMES] [-s] [-w COUNT] [-a ARGUMENT]
// WORKLOAD COUNT -p: a process that is stopped meanwhile; -e: empty programs that are attached meanwhile;
// -s: run statistics of every BPF program (which cost two clock reads a run); -w: how often the workload runs
// before.
#include "measure.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pid_t stopped;

static void restore(void)
{
	restore_settings();
	if (stopped > 0)
		kill(stopped, SIGCONT);
}

void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

const struct workload *find_workload(const char *name)
{
	const struct workload *const tables[] = {network_workloads, task_workloads};

	for (unsigned table = 0; table < 2; table++)
		for (const struct workload *one = tables[table]; one->name; one++)
			if (strcmp(one->name, name) == 0)
				return one;
	errno = EINVAL;
	die(name);
	return NULL;
}

static unsigned slice_count(unsigned count, unsigned slices, unsigned slice)
{
	return count * (slice + 1) / slices - count * slice / slices;
}

struct options {
	const char *empty_object, *empty_names;
	char *programs, *settings;
	unsigned warm_up;
	int statistics;
};

// What disturbs now and then, as a timer interrupt, is in some of them only: the median leaves it out.
#define SLICES 10

static void measure(const struct workload *workload, unsigned count, struct options options)
{
	unsigned slices = workload->is_whole ? 1 : count < SLICES ? count : SLICES;
	uint64_t took[SLICES] = {};
	struct programs seen[SLICES + 1] = {};

	if (workload->prepare)
		workload->prepare();
	// Nothing is written back meanwhile.
	sync();
	if (options.warm_up)
		workload->run(options.warm_up);
	if (options.statistics)
		seen[0] = read_programs();
	for (unsigned slice = 0; slice < slices; slice++) {
		uint64_t start = now_ns();

		workload->run(slice_count(count, slices, slice));
		took[slice] = now_ns() - start;
		if (options.statistics)
			seen[slice + 1] = read_programs();
	}
	restore();
	if (workload->clean)
		workload->clean();
	printf("{\"workload\":\"%s\",\"slices\":[", workload->name);
	for (unsigned slice = 0; slice < slices; slice++)
		printf("%s[%u,%lu]", slice ? "," : "", slice_count(count, slices, slice), took[slice]);
	printf("],\"programs\":[");
	print_programs(seen, slices);
	printf("]}\n");
}

int main(int argc, char **argv)
{
	struct options options = {};
	int option;

	while ((option = getopt(argc, argv, "p:e:n:i:o:sw:a:")) != -1) {
		if (option == 'p')
			stopped = atoi(optarg);
		else if (option == 'e')
			options.empty_object = optarg;
		else if (option == 'n')
			options.empty_names = optarg;
		else if (option == 'i')
			options.programs = optarg;
		else if (option == 'o')
			options.settings = optarg;
		else if (option == 's')
			options.statistics = 1;
		else if (option == 'w')
			options.warm_up = atoi(optarg);
		else if (option == 'a')
			workload_argument = optarg;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	atexit(restore);
	if (stopped > 0 && kill(stopped, SIGSTOP))
		die("stop the process");
	if (options.statistics && bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		die("turn run statistics on");
	if (options.empty_object)
		attach_empty_programs(options.empty_object, options.empty_names);
	if (options.settings)
		change_settings(options.programs, options.settings);
	measure(find_workload(argv[optind]), atoi(argv[optind + 1]), options);
	return 0;
}
