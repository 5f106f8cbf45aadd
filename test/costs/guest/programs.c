// SPDX-License-Identifier: Apache-2.0
// Every BPF program of the machine: how often it ran and how long, and which object it is from.
#include "measure.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bpf_prog_info read_info(uint32_t id, struct bpf_func_info *function)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof info;
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return info;
	if (function) {
		info.func_info = (uintptr_t)function;
		info.func_info_rec_size = sizeof *function;
		info.nr_func_info = 1;
	}
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		die("read a program's statistics");
	close(fd);
	return info;
}

struct programs read_programs(void)
{
	struct programs programs = {};

	for (uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) {
		struct bpf_prog_info info = read_info(id, NULL);

		programs.list = realloc(programs.list, (programs.count + 1) * sizeof *programs.list);
		programs.list[programs.count++] = (struct program){id, info.run_cnt, info.run_time_ns};
	}
	return programs;
}

// Names in the kernel end after 15 characters; the object's types have them whole.
static void print_names(const struct bpf_prog_info *info, struct bpf_func_info function)
{
	struct btf *types = info->btf_id ? btf__load_from_kernel_by_id(info->btf_id) : NULL;
	const struct btf_type *own = types ? btf__type_by_id(types, function.type_id) : NULL;
	const char *separator = "";

	printf("\"name\":\"%s\",\"functions\":[",
	       own ? btf__name_by_offset(types, own->name_off) : info->name);
	for (__u32 id = 1; types && id < btf__type_cnt(types); id++) {
		const struct btf_type *type = btf__type_by_id(types, id);

		if (!btf_is_func(type) || btf_vlen(type) != BTF_FUNC_GLOBAL)
			continue;
		printf("%s\"%s\"", separator, btf__name_by_offset(types, type->name_off));
		separator = ",";
	}
	printf("]");
	btf__free(types);
}

static const struct program *find_program(struct programs programs, uint32_t id)
{
	for (unsigned index = 0; index < programs.count; index++)
		if (programs.list[index].id == id)
			return &programs.list[index];
	return NULL;
}

static void print_slices(const struct programs *seen, unsigned slices, uint32_t id)
{
	const struct program *before = find_program(seen[0], id);

	for (unsigned slice = 0; slice < slices; slice++) {
		const struct program *after = find_program(seen[slice + 1], id);

		if (!after)
			break;
		printf("%s[%lu,%lu]", slice ? "," : "", after->runs - before->runs,
		       after->nanoseconds - before->nanoseconds);
		before = after;
	}
}

void print_programs(const struct programs *seen, unsigned slices)
{
	const char *separator = "";

	for (unsigned index = 0; index < seen[0].count; index++) {
		uint32_t id = seen[0].list[index].id;
		struct bpf_func_info function = {};
		struct bpf_prog_info info = read_info(id, &function);

		if (!info.id)
			continue;
		printf("%s{\"id\":%u,", separator, id);
		print_names(&info, function);
		printf(",\"verified\":%u,\"slices\":[", info.verified_insns);
		print_slices(seen, slices, id);
		printf("]}");
		separator = ",";
	}
}

static bool is_listed(const char *name, const char *names)
{
	size_t length = strlen(name);

	for (const char *at = strstr(names, name); at; at = strstr(at + 1, name))
		if ((at == names || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

void attach_empty_programs(const char *path, const char *names)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object)
		die(path);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, is_listed(bpf_program__name(program), names));
	if (bpf_object__load(object))
		die("load the empty programs");
	bpf_object__for_each_program(program, object) if (bpf_program__autoload(program) &&
							  !bpf_program__attach(program))
		die(bpf_program__section_name(program));
}
