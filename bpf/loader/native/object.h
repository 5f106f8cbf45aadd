// SPDX-License-Identifier: Apache-2.0
// One BPF object: open, then loaded, then closed.
#pragma once
#include <bpf/libbpf.h>

#include "descriptor.h"
#include "exports.h"

struct Object {
	static constexpr napi_type_tag tag = {0x6270666f626a6563, 0x91d0c1fb2e6a4f01};
	static constexpr const char *name = "object";
	bpf_object *object = nullptr;
	// After it, libbpf may have made what it gave out before read-only.
	bool is_loaded = false;
	// What types are looked up in while it is loaded, where that is no file of the kernel's.
	Descriptor types;

	~Object()
	{
		close();
	}
	bool is_open() const
	{
		return object != nullptr;
	}
	void close()
	{
		bpf_object__close(object); // accepts null
		object = nullptr;
		types.close();
	}
};

// Both throw with ENOENT where the object has nothing of that name.
bpf_program *program_of(Napi::Env env, Open<Object> object, const std::string &name);
bpf_map *map_of(Napi::Env env, Open<Object> object, const std::string &name);
