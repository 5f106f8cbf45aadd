// SPDX-License-Identifier: Apache-2.0
// Maps of a loaded object. The kernel reads and writes as many bytes as the map's keys and values have,
// whatever memory it is given, so that memory is measured here first.
#include <bpf/bpf.h>

#include <cerrno>

#include "object.h"

static bool is_per_cpu(bpf_map_type type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

// Of a map of values by CPU: one for each possible CPU, to a multiple of 8 (kernel/bpf/syscall.c,
// bpf_map_value_size).
static size_t value_size(bpf_map *map)
{
	size_t size = bpf_map__value_size(map);
	return is_per_cpu(bpf_map__type(map)) ? (size + 7) / 8 * 8 * libbpf_num_possible_cpus() : size;
}

static void require_size(Napi::Env env, const char *what, Bytes bytes, size_t needed)
{
	if (bytes.size < needed)
		throw Napi::TypeError::New(env, std::string(what) + " of " + std::to_string(bytes.size) +
							" bytes, where the map has " +
							std::to_string(needed));
}

// Which one, with memory for a key and, where there is one, a value.
static int open_map(Napi::Env env, Open<Object> object, const std::string &name, Bytes key,
		    std::optional<Bytes> value = {})
{
	bpf_map *map = map_of(env, object, name);
	require_size(env, "a key", key, bpf_map__key_size(map));
	if (value.has_value())
		require_size(env, "a value", *value, value_size(map));
	return bpf_map__fd(map);
}

// (object, map, key, value to fill) -> whether there was one
static Napi::Value map_lookup(Napi::Env env, Open<Object> object, const std::string &name, Bytes key,
			      Bytes value)
{
	int status = bpf_map_lookup_elem(open_map(env, object, name, key, value), key.data, value.data);
	if (status != 0 && status != -ENOENT)
		fail(env, -status, "bpf_map_lookup_elem");
	return Napi::Boolean::New(env, status == 0);
}

// (object, map, key, value, flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST)
static void map_update(Napi::Env env, Open<Object> object, const std::string &name, Bytes key, Bytes value,
		       uint32_t flags)
{
	int fd = open_map(env, object, name, key, value);
	int status = bpf_map_update_elem(fd, key.data, value.data, flags);
	if (status != 0)
		fail(env, -status, "bpf_map_update_elem");
}

// (object, map, key) -> whether there was one
static Napi::Value map_delete(Napi::Env env, Open<Object> object, const std::string &name, Bytes key)
{
	int status = bpf_map_delete_elem(open_map(env, object, name, key), key.data);
	if (status != 0 && status != -ENOENT)
		fail(env, -status, "bpf_map_delete_elem");
	return Napi::Boolean::New(env, status == 0);
}

// (object, map, key or null for the first, key to fill) -> whether there is one
static Napi::Value map_next_key(Napi::Env env, Open<Object> object, const std::string &name,
				std::optional<Bytes> key, Bytes next)
{
	int fd = open_map(env, object, name, next);
	if (key.has_value())
		open_map(env, object, name, *key);
	int status = bpf_map_get_next_key(fd, key.value_or(Bytes()).data, next.data);
	if (status != 0 && status != -ENOENT)
		fail(env, -status, "bpf_map_get_next_key");
	return Napi::Boolean::New(env, status == 0);
}

// (object, map, cursor or null for the start, cursor to fill, keys, values, most entries) -> [count, whether
// that was the end]
static Napi::Value map_lookup_batch(Napi::Env env, Open<Object> object, const std::string &name,
				    std::optional<Bytes> from, Bytes next, Bytes keys, Bytes values,
				    uint32_t count)
{
	bpf_map *map = map_of(env, object, name);
	// A bucket's number in hashes, a key in the others.
	size_t cursor_size = std::max<size_t>(sizeof(__u32), bpf_map__key_size(map));
	if (from.has_value())
		require_size(env, "a cursor", *from, cursor_size);
	require_size(env, "a cursor", next, cursor_size);
	require_size(env, "keys", keys, static_cast<size_t>(count) * bpf_map__key_size(map));
	require_size(env, "values", values, count * value_size(map));
	int status = bpf_map_lookup_batch(bpf_map__fd(map), from.value_or(Bytes()).data, next.data, keys.data,
					  values.data, &count, nullptr);
	if (status != 0 && status != -ENOENT)
		fail(env, -status, "bpf_map_lookup_batch");
	auto result = Napi::Array::New(env, 2);
	result.Set(0u, Napi::Number::New(env, count));
	result.Set(1u, Napi::Boolean::New(env, status == -ENOENT));
	return result;
}

static Napi::Value map_count_cpus(Napi::Env env)
{
	int cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		fail(env, -cpus, "libbpf_num_possible_cpus");
	return Napi::Number::New(env, cpus);
}

void register_map(Exports &exports)
{
	exports.add<map_lookup>("map_lookup");
	exports.add<map_update>("map_update");
	exports.add<map_delete>("map_delete");
	exports.add<map_next_key>("map_next_key");
	exports.add<map_lookup_batch>("map_lookup_batch");
	exports.add<map_count_cpus>("map_count_cpus");
}
