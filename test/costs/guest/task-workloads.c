// SPDX-License-Identifier: Apache-2.0
// Fixed work of processes and their memory.
#define _GNU_SOURCE
#include "measure.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES   4096
#define FILE_PAGES   (16 * 1024)
#define LIMIT_BYTES  (16 * 1024 * 1024)
#define CGROUP	     "/sys/fs/cgroup/measure"
#define HANG_SECONDS 1
#define SPARSE_FILE  "/root/sparse"

const char *workload_argument = "true";

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void make_limited_cgroup(void)
{
	char limit[32];

	snprintf(limit, sizeof limit, "%d", LIMIT_BYTES);
	write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	mkdir(CGROUP, 0755);
	write_text(CGROUP "/memory.max", limit);
}

static void remove_cgroup(void)
{
	write_text("/sys/fs/cgroup/cgroup.procs", "0");
	rmdir(CGROUP);
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		die("run a child");
}

static void run_programs(unsigned count)
{
	while (count-- > 0) {
		pid_t child = fork();

		if (child == 0) {
			execl("/bin/true", "true", NULL);
			_exit(127);
		}
		wait_for(child);
	}
}

static void run_commands(unsigned count)
{
	while (count-- > 0)
		if (system(workload_argument) != 0)
			die(workload_argument);
}

static void make_cgroups(unsigned count)
{
	while (count-- > 0)
		if (mkdir(CGROUP, 0755) || rmdir(CGROUP))
			die(CGROUP);
}

static int sparse;

// Pages go round in a file that is four times the limit.
static void read_pages(unsigned count)
{
	static off_t next;
	char page[PAGE_BYTES];

	for (; count > 0; count--, next++)
		if (pread(sparse, page, sizeof page, next % FILE_PAGES * PAGE_BYTES) != sizeof page)
			die("read a page");
}

// Its pages are made of nothing, so that no disk is waited for; from here on there is no room for another.
static void prepare_page_cache(void)
{
	// Code of this program that was thrown out would be read from the disk again, which takes as long as
	// the host likes.
	if (mlockall(MCL_CURRENT))
		die("keep this program in memory");
	make_limited_cgroup();
	write_text(CGROUP "/cgroup.procs", "0");
	sparse = open(SPARSE_FILE, O_RDWR | O_CREAT, 0600);
	if (sparse < 0 || ftruncate(sparse, (off_t)FILE_PAGES * PAGE_BYTES))
		die(SPARSE_FILE);
	// What it cached must not outlive this process.
	unlink(SPARSE_FILE);
	read_pages(2 * LIMIT_BYTES / PAGE_BYTES);
}

static void grow_until_killed(void)
{
	write_text(CGROUP "/cgroup.procs", "0");
	for (size_t bytes = 0;; bytes += PAGE_BYTES) {
		char *page =
			mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		*(volatile char *)page = 1;
	}
}

static void run_out_of_memory_again(unsigned count)
{
	while (count-- > 0) {
		pid_t child = fork();

		if (child == 0)
			grow_until_killed();
		wait_for(child);
	}
}

// Each time in another cgroup, although it has the name of the one before.
static void run_out_of_memory(unsigned count)
{
	while (count-- > 0) {
		make_limited_cgroup();
		run_out_of_memory_again(1);
		if (rmdir(CGROUP))
			die(CGROUP);
	}
}

static void spin(unsigned milliseconds)
{
	struct timespec now;
	long long end = 0;

	do {
		long long ns;

		clock_gettime(CLOCK_MONOTONIC, &now);
		ns = now.tv_sec * 1000000000LL + now.tv_nsec;
		if (end == 0)
			end = ns + milliseconds * 1000000LL;
		if (ns >= end)
			break;
	} while (1);
}

static void rest(unsigned milliseconds)
{
	while (milliseconds-- > 0)
		usleep(1000);
}

// Creates a file where nothing can be written, which takes until the thaw.
static void block(unsigned number)
{
	char path[64];

	snprintf(path, sizeof path, "/root/blocked-%u", number);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	unlink(path);
	_exit(0);
}

static void hang_tasks(unsigned count)
{
	int root = open("/", O_RDONLY);

	if (ioctl(root, FIFREEZE, 0))
		die("freeze the root file system");
	for (unsigned number = 0; number < count; number++)
		if (fork() == 0)
			block(number);
	// One check may come too early; the next does not.
	usleep(3 * HANG_SECONDS * 1000000);
	if (ioctl(root, FITHAW, 0))
		die("thaw the root file system");
	while (wait(NULL) > 0)
		;
	close(root);
}

static void shorten_hang(void)
{
	char seconds[8];

	snprintf(seconds, sizeof seconds, "%d", HANG_SECONDS);
	write_text("/proc/sys/kernel/hung_task_timeout_secs", seconds);
	write_text("/proc/sys/kernel/hung_task_check_interval_secs", seconds);
}

static void lengthen_hang(void)
{
	write_text("/proc/sys/kernel/hung_task_timeout_secs", "120");
	write_text("/proc/sys/kernel/hung_task_check_interval_secs", "0");
}

const struct workload task_workloads[] = {
	{.name = "hung-task",
	 .prepare = shorten_hang,
	 .run = hang_tasks,
	 .clean = lengthen_hang,
	 .is_whole = 1},
	{.name = "fork-exec", .run = run_programs},
	{.name = "cgroup-life", .run = make_cgroups},
	{.name = "page-cache", .prepare = prepare_page_cache, .run = read_pages, .clean = remove_cgroup},
	{.name = "out-of-memory", .run = run_out_of_memory},
	{.name = "out-of-memory-again",
	 .prepare = make_limited_cgroup,
	 .run = run_out_of_memory_again,
	 .clean = remove_cgroup},
	{.name = "spin", .run = spin},
	{.name = "sleep", .run = rest},
	{.name = "command", .run = run_commands},
	{},
};
