// SPDX-License-Identifier: Apache-2.0
// Changes the settings of a loaded kernel half (bpf/include/settings.h) until the workload has ended.
#include "measure.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION	    ".data.settings"
#define MAPS	    64
#define VALUE_BYTES 4096

static int settings_map = -1;
static char original[VALUE_BYTES];

// Leaves the map open in `settings_map`; a program has only the maps that it touches.
static struct btf *open_settings_of(uint32_t program_id, uint32_t *type)
{
	__u32 ids[MAPS];
	struct bpf_prog_info program = {.map_ids = (uintptr_t)ids, .nr_map_ids = MAPS};
	__u32 size = sizeof program;

	if (bpf_obj_get_info_by_fd(bpf_prog_get_fd_by_id(program_id), &program, &size))
		die("read a program's maps");
	for (__u32 index = 0; index < program.nr_map_ids && index < MAPS; index++) {
		struct bpf_map_info map = {};

		size = sizeof map;
		settings_map = bpf_map_get_fd_by_id(ids[index]);
		if (bpf_obj_get_info_by_fd(settings_map, &map, &size))
			die("read a map");
		*type = map.btf_value_type_id;
		if (strcmp(map.name, SECTION) == 0 && map.value_size <= VALUE_BYTES)
			return btf__load_from_kernel_by_id(map.btf_id);
	}
	return NULL;
}

static struct btf *open_settings(char *program_ids, uint32_t *type)
{
	struct btf *types = NULL;

	for (char *id = strtok(program_ids, ","); id && !types; id = strtok(NULL, ","))
		types = open_settings_of(atoi(id), type);
	return types;
}

static const struct btf_var_secinfo *find_variable(const struct btf *types, __u32 section, const char *name)
{
	const struct btf_type *type = btf__type_by_id(types, section);
	const struct btf_var_secinfo *variables = btf_var_secinfos(type);

	for (int index = 0; index < btf_vlen(type); index++) {
		const struct btf_type *variable = btf__type_by_id(types, variables[index].type);

		if (strcmp(btf__name_by_offset(types, variable->name_off), name) == 0)
			return &variables[index];
	}
	errno = ENOENT;
	die(name);
	return NULL;
}

void change_settings(char *program_ids, char *assignments)
{
	uint32_t section = 0, zero = 0;
	struct btf *types = open_settings(program_ids, &section);
	char value[VALUE_BYTES];

	if (!types || bpf_map_lookup_elem(settings_map, &zero, original))
		die("find the settings of the kernel half");
	memcpy(value, original, sizeof value);
	for (char *one = strtok(assignments, ","); one; one = strtok(NULL, ",")) {
		char *number = strchr(one, '=');
		const struct btf_var_secinfo *variable;
		uint64_t wanted;

		if (!number)
			die(one);
		*number++ = '\0';
		wanted = strtoull(number, NULL, 10);
		variable = find_variable(types, section, one);
		// Little-endian: the low bytes come first.
		memcpy(value + variable->offset, &wanted, variable->size < 8 ? variable->size : 8);
	}
	if (bpf_map_update_elem(settings_map, &zero, value, BPF_ANY))
		die("change the settings of the kernel half");
	btf__free(types);
}

void restore_settings(void)
{
	uint32_t zero = 0;

	if (settings_map >= 0)
		bpf_map_update_elem(settings_map, &zero, original, BPF_ANY);
	settings_map = -1;
}
