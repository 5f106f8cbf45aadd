// SPDX-License-Identifier: Apache-2.0
// What the parts of `measure` know of each other.
#pragma once
#include <stdint.h>

// Ends the program with a sentence and the reason of the last system call.
void die(const char *what);

// A fixed piece of work that passes hooks.
struct workload {
	const char *name;
	// May be null.
	void (*prepare)(void);
	void (*run)(unsigned count);
	void (*clean)(void);
	// Takes as long for one as for many: it is not cut into slices.
	int is_whole;
};

// Ends the program where there is none of that name.
const struct workload *find_workload(const char *name);
// What `command` runs.
extern const char *workload_argument;

extern const struct workload network_workloads[], task_workloads[];

struct program {
	uint32_t id;
	uint64_t runs;
	uint64_t nanoseconds;
};

struct programs {
	struct program *list;
	unsigned count;
};

struct programs read_programs(void);
// JSON: how often and how long each program ran from one reading to the next, with its name and that of every
// function of its object; `seen` has one reading more than there are slices.
void print_programs(const struct programs *seen, unsigned slices);

// Loads and attaches the named programs of an object, a comma between them; detached when this process ends.
void attach_empty_programs(const char *object, const char *names);

// Sets `NAME=NUMBER,...` of the kernel half that the programs `ID,...` are of; changes both texts.
void change_settings(char *program_ids, char *assignments);
void restore_settings(void);
