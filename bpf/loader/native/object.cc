// SPDX-License-Identifier: Apache-2.0
// Opening, configuring, loading and closing of BPF objects.
#include "held-signals.h"
#include "object.h"

#include <bpf/btf.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

bpf_program *program_of(Napi::Env env, Open<Object> object, const std::string &name)
{
	auto *program = bpf_object__find_program_by_name(object->object, name.c_str());
	if (program == nullptr)
		fail(env, ENOENT, "find program");
	return program;
}

bpf_map *map_of(Napi::Env env, Open<Object> object, const std::string &name)
{
	auto *map = bpf_object__find_map_by_name(object->object, name.c_str());
	if (map == nullptr)
		fail(env, ENOENT, "find map");
	return map;
}

static void refuse_loaded(Napi::Env env, Open<Object> object, const char *call)
{
	if (object->is_loaded)
		fail(env, EBUSY, call);
}

// A file without a name, since libbpf takes types by their path only.
static int keep_bytes(Bytes bytes)
{
	Descriptor file(memfd_create("kernel types", MFD_CLOEXEC));
	for (size_t done = 0; file.fd >= 0 && done < bytes.size;) {
		ssize_t size = write(file.fd, bytes.data + done, bytes.size - done);
		if (size < 0 && errno != EINTR)
			return -1;
		done += size < 0 ? 0 : size;
	}
	return std::exchange(file.fd, -1);
}

// (image, name, where the kernel's types are: a path, the types themselves, or null: libbpf looks for them)
// -> handle
static Napi::Value object_open(Napi::Env env, Bytes source, const std::string &name,
			       const std::optional<std::string> &types_path, std::optional<Bytes> types)
{
	// A copy: the array may be unaligned or shared with another thread, and libelf trusts what it has
	// checked.
	std::vector<uint8_t> image(source.data, source.data + source.size);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
	auto opened = std::make_unique<Object>();
	std::string path = types_path.value_or("");
	if (types.has_value()) {
		opened->types.fd = keep_bytes(*types);
		if (opened->types.fd < 0)
			fail(env, errno, "memfd_create");
		path = "/proc/self/fd/" + std::to_string(opened->types.fd);
	}
	if (!path.empty())
		options.btf_custom_path = path.c_str();

	Capture capture;
	opened->object = bpf_object__open_mem(image.data(), image.size(), &options);
	if (opened->object == nullptr)
		fail(env, errno, "bpf_object__open_mem", capture.text);
	return give(env, std::move(opened));
}

static Napi::Object describe_program(Napi::Env env, bpf_program *program)
{
	auto entry = Napi::Object::New(env);
	const char *type = libbpf_bpf_prog_type_str(bpf_program__type(program));
	entry.Set("name", bpf_program__name(program));
	entry.Set("section", bpf_program__section_name(program));
	entry.Set("type", type == nullptr ? "unknown" : type);
	return entry;
}

static Napi::Object describe_map(Napi::Env env, bpf_map *map)
{
	auto entry = Napi::Object::New(env);
	const char *type = libbpf_bpf_map_type_str(bpf_map__type(map));
	entry.Set("name", bpf_map__name(map));
	entry.Set("isInternal", bpf_map__is_internal(map));
	entry.Set("type", type == nullptr ? "unknown" : type);
	entry.Set("keySizeBytes", bpf_map__key_size(map));
	entry.Set("valueSizeBytes", bpf_map__value_size(map));
	entry.Set("capacity", bpf_map__max_entries(map));
	entry.Set("keyTypeId", bpf_map__btf_key_type_id(map));
	entry.Set("valueTypeId", bpf_map__btf_value_type_id(map));
	return entry;
}

// (object) -> { programs, btf: Uint8Array | null }. libbpf has filled in the offsets of variables by now,
// which clang leaves at zero in the file.
static Napi::Value object_describe(Napi::Env env, Open<Object> opened)
{
	bpf_object *object = opened->object;
	auto programs = Napi::Array::New(env);
	bpf_program *program = nullptr;
	while ((program = bpf_object__next_program(object, program)) != nullptr)
		programs.Set(programs.Length(), describe_program(env, program));
	auto maps = Napi::Array::New(env);
	bpf_map *map = nullptr;
	while ((map = bpf_object__next_map(object, map)) != nullptr)
		maps.Set(maps.Length(), describe_map(env, map));

	auto result = Napi::Object::New(env);
	result.Set("programs", programs);
	result.Set("maps", maps);
	result.Set("btf", env.Null());
	const btf *types = bpf_object__btf(object);
	__u32 size = 0;
	const void *raw = types == nullptr ? nullptr : btf__raw_data(types, &size);
	if (raw != nullptr) {
		auto copy = Napi::Uint8Array::New(env, size);
		memcpy(copy.Data(), raw, size);
		result.Set("btf", copy);
	}
	return result;
}

// (object, program, whether to load it)
static void object_set_autoload(Napi::Env env, Open<Object> object, const std::string &program,
				bool is_loaded)
{
	refuse_loaded(env, object, "bpf_program__set_autoload");
	int status = bpf_program__set_autoload(program_of(env, object, program), is_loaded);
	if (status != 0)
		fail(env, -status, "bpf_program__set_autoload");
}

// (object, map, entries)
static void object_set_max_entries(Napi::Env env, Open<Object> object, const std::string &map,
				   uint32_t entries)
{
	refuse_loaded(env, object, "bpf_map__set_max_entries");
	int status = bpf_map__set_max_entries(map_of(env, object, map), entries);
	if (status != 0)
		fail(env, -status, "bpf_map__set_max_entries");
}

// (object, map of a data section, offset, bytes)
static void object_set_initial(Napi::Env env, Open<Object> object, const std::string &map, uint32_t offset,
			       Bytes bytes)
{
	refuse_loaded(env, object, "bpf_map__initial_value");
	size_t size = 0;
	auto *value = static_cast<uint8_t *>(
		const_cast<void *>(bpf_map__initial_value(map_of(env, object, map), &size)));
	if (value == nullptr || offset > size || bytes.size > size - offset)
		fail(env, ERANGE, "bpf_map__initial_value");
	std::copy_n(bytes.data, bytes.size, value + offset);
}

// (object, map, loaded object, its map): a map of that object in the place of an own one, which is never
// made. libbpf duplicates the descriptor, so that either object may be closed first. That both maps are alike
// is checked by the caller: libbpf takes over whatever it is given.
static void object_share_map(Napi::Env env, Open<Object> object, const std::string &name, Open<Object> owner,
			     const std::string &shared)
{
	refuse_loaded(env, object, "bpf_map__reuse_fd");
	bpf_map *map = map_of(env, object, name);
	int fd = bpf_map__fd(map_of(env, owner, shared));
	int status = fd < 0 ? -EBADF : bpf_map__reuse_fd(map, fd);
	if (status != 0)
		fail(env, -status, "bpf_map__reuse_fd");
}

static void object_load(Napi::Env env, Open<Object> object)
{
	refuse_loaded(env, object, "bpf_object__load");
	object->is_loaded = true;
	Capture capture;
	HeldSignals held;
	int status = bpf_object__load(object->object);
	object->types.close();
	if (status != 0)
		fail(env, -status, "bpf_object__load", capture.text);
}

static void object_close(Napi::Env, Object &object)
{
	object.close();
}

void register_object(Exports &exports)
{
	exports.add<object_open>("object_open");
	exports.add<object_describe>("object_describe");
	exports.add<object_set_autoload>("object_set_autoload");
	exports.add<object_set_max_entries>("object_set_max_entries");
	exports.add<object_set_initial>("object_set_initial");
	exports.add<object_share_map>("object_share_map");
	exports.add<object_load>("object_load");
	exports.add<object_close>("object_close");
}
