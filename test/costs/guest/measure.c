// SPDX-License-Identifier: Apache-2.0
// Runs one workload in a guest whose clock counts instructions, and prints as JSON what it took, in
// nanoseconds: measure [-p PID] [-e OBJECT -n NAMES] [-s] [-w COUNT] [-a ARGUMENT] WORKLOAD COUNT -p: a
// process that is stopped meanwhile; -e: empty programs that are attached meanwhile; -s: run statistics of
// every BPF program (which cost two clock reads a run); -w: how often the workload runs before.
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

struct options {
	const char *empty_object, *empty_names;
	char *programs, *settings;
	unsigned warm_up;
	int statistics;
};

static void measure(const struct workload *workload, unsigned count, struct options options)
{
	struct programs before = {}, after = {};
	uint64_t start, end;

	if (workload->prepare)
		workload->prepare();
	// Nothing is written back meanwhile.
	sync();
	if (options.warm_up)
		workload->run(options.warm_up);
	if (options.statistics)
		before = read_programs();
	start = now_ns();
	workload->run(count);
	end = now_ns();
	if (options.statistics)
		after = read_programs();
	restore();
	if (workload->clean)
		workload->clean();
	printf("{\"workload\":\"%s\",\"count\":%u,\"nanoseconds\":%lu,\"programs\":[", workload->name, count,
	       end - start);
	print_programs(before, after);
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
