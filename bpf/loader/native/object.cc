// SPDX-License-Identifier: Apache-2.0
// Opening, configuring, loading and closing of BPF objects.
#include "held-signals.h"
#include "object.h"

#include <bpf/btf.h>

#include <cerrno>
#include <cstring>
#include <vector>

static bpf_object *open_object_of(const Napi::CallbackInfo &info)
{
	auto *object = take<Object>(info, 0).object;
	if (object == nullptr)
		fail(info.Env(), EBADF, "use of a closed object");
	return object;
}

bpf_program *program_of(const Napi::CallbackInfo &info)
{
	auto *program = bpf_object__find_program_by_name(open_object_of(info), text_of(info, 1).c_str());
	if (program == nullptr)
		fail(info.Env(), ENOENT, "find program");
	return program;
}

bpf_map *map_of(const Napi::CallbackInfo &info)
{
	auto *map = bpf_object__find_map_by_name(open_object_of(info), text_of(info, 1).c_str());
	if (map == nullptr)
		fail(info.Env(), ENOENT, "find map");
	return map;
}

// (image, name, path of the kernel's BTF or "") -> handle
static Napi::Value object_open(const Napi::CallbackInfo &info)
{
	Bytes source = bytes_of(info, 0);
	// A copy: the array may be unaligned or shared with another thread, and libelf trusts what it has
	// checked.
	std::vector<uint8_t> image(source.data, source.data + source.size);
	std::string name = text_of(info, 1);
	std::string kernel_btf = text_of(info, 2);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
	if (!kernel_btf.empty())
		options.btf_custom_path = kernel_btf.c_str();

	Capture capture;
	auto opened = std::make_unique<Object>();
	opened->object = bpf_object__open_mem(image.data(), image.size(), &options);
	if (opened->object == nullptr)
		fail(info.Env(), errno, "bpf_object__open_mem", capture.text);
	return give(info.Env(), std::move(opened));
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
	entry.Set("fd", bpf_map__fd(map));
	return entry;
}

// (object) -> { programs, btf: Uint8Array | null }. libbpf has filled in the offsets of variables by now,
// which clang leaves at zero in the file.
static Napi::Value object_describe(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	bpf_object *object = open_object_of(info);
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
static void object_set_autoload(const Napi::CallbackInfo &info)
{
	int status = bpf_program__set_autoload(program_of(info), info[2].As<Napi::Boolean>());
	if (status != 0)
		fail(info.Env(), -status, "bpf_program__set_autoload");
}

// (object, map, entries)
static void object_set_max_entries(const Napi::CallbackInfo &info)
{
	int status = bpf_map__set_max_entries(map_of(info), info[2].As<Napi::Number>().Uint32Value());
	if (status != 0)
		fail(info.Env(), -status, "bpf_map__set_max_entries");
}

// (object, map of a data section, offset, bytes), before load
static void object_set_initial(const Napi::CallbackInfo &info)
{
	size_t size = 0;
	auto *value = static_cast<uint8_t *>(const_cast<void *>(bpf_map__initial_value(map_of(info), &size)));
	size_t offset = info[2].As<Napi::Number>().Uint32Value();
	Bytes bytes = bytes_of(info, 3);
	if (value == nullptr || offset > size || bytes.size > size - offset)
		fail(info.Env(), ERANGE, "bpf_map__initial_value");
	memcpy(value + offset, bytes.data, bytes.size);
}

static void object_load(const Napi::CallbackInfo &info)
{
	bpf_object *object = open_object_of(info);
	Capture capture;
	HeldSignals held;
	int status = bpf_object__load(object);
	if (status != 0)
		fail(info.Env(), -status, "bpf_object__load", capture.text);
}

static void object_close(const Napi::CallbackInfo &info)
{
	take<Object>(info, 0).close();
}

void register_object(Napi::Env env, Napi::Object exports)
{
	exports.Set("object_open", Napi::Function::New<object_open>(env));
	exports.Set("object_describe", Napi::Function::New<object_describe>(env));
	exports.Set("object_set_autoload", Napi::Function::New<object_set_autoload>(env));
	exports.Set("object_set_max_entries", Napi::Function::New<object_set_max_entries>(env));
	exports.Set("object_set_initial", Napi::Function::New<object_set_initial>(env));
	exports.Set("object_load", Napi::Function::New<object_load>(env));
	exports.Set("object_close", Napi::Function::New<object_close>(env));
}
