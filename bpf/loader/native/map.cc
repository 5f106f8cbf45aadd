// SPDX-License-Identifier: Apache-2.0
// Maps, by file descriptor. Sizes of keys and values are the caller's to keep (source/map.ts).
#include <bpf/bpf.h>

#include <bpf/libbpf.h>

#include <cerrno>

#include "addon.h"

// (fd, key, value to fill) -> whether there was one
static Napi::Value map_lookup(const Napi::CallbackInfo &info)
{
	int status = bpf_map_lookup_elem(number_of(info, 0), bytes_of(info, 1).data, bytes_of(info, 2).data);
	if (status != 0 && status != -ENOENT)
		fail(info.Env(), -status, "bpf_map_lookup_elem");
	return Napi::Boolean::New(info.Env(), status == 0);
}

// (fd, key, value, flags: BPF_ANY, BPF_NOEXIST, BPF_EXIST)
static void map_update(const Napi::CallbackInfo &info)
{
	int status = bpf_map_update_elem(number_of(info, 0), bytes_of(info, 1).data, bytes_of(info, 2).data,
					 number_of(info, 3));
	if (status != 0)
		fail(info.Env(), -status, "bpf_map_update_elem");
}

// (fd, key) -> whether there was one
static Napi::Value map_delete(const Napi::CallbackInfo &info)
{
	int status = bpf_map_delete_elem(number_of(info, 0), bytes_of(info, 1).data);
	if (status != 0 && status != -ENOENT)
		fail(info.Env(), -status, "bpf_map_delete_elem");
	return Napi::Boolean::New(info.Env(), status == 0);
}

// (fd, key or null for the first, key to fill) -> whether there is one
static Napi::Value map_next_key(const Napi::CallbackInfo &info)
{
	int status = bpf_map_get_next_key(number_of(info, 0), bytes_of(info, 1).data, bytes_of(info, 2).data);
	if (status != 0 && status != -ENOENT)
		fail(info.Env(), -status, "bpf_map_get_next_key");
	return Napi::Boolean::New(info.Env(), status == 0);
}

// (fd, cursor or null for the start, cursor to fill, keys, values, most entries) -> [count, whether that was
// the end]
static Napi::Value map_lookup_batch(const Napi::CallbackInfo &info)
{
	__u32 count = number_of(info, 5);
	int status = bpf_map_lookup_batch(number_of(info, 0), bytes_of(info, 1).data, bytes_of(info, 2).data,
					  bytes_of(info, 3).data, bytes_of(info, 4).data, &count, nullptr);
	if (status != 0 && status != -ENOENT)
		fail(info.Env(), -status, "bpf_map_lookup_batch");
	auto result = Napi::Array::New(info.Env(), 2);
	result.Set(0u, Napi::Number::New(info.Env(), count));
	result.Set(1u, Napi::Boolean::New(info.Env(), status == -ENOENT));
	return result;
}

static Napi::Value map_count_cpus(const Napi::CallbackInfo &info)
{
	int cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		fail(info.Env(), -cpus, "libbpf_num_possible_cpus");
	return Napi::Number::New(info.Env(), cpus);
}

void register_map(Napi::Env env, Napi::Object exports)
{
	exports.Set("map_lookup", Napi::Function::New<map_lookup>(env));
	exports.Set("map_update", Napi::Function::New<map_update>(env));
	exports.Set("map_delete", Napi::Function::New<map_delete>(env));
	exports.Set("map_next_key", Napi::Function::New<map_next_key>(env));
	exports.Set("map_lookup_batch", Napi::Function::New<map_lookup_batch>(env));
	exports.Set("map_count_cpus", Napi::Function::New<map_count_cpus>(env));
}
