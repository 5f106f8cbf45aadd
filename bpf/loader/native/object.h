// SPDX-License-Identifier: Apache-2.0
// One BPF object: open, then loaded, then closed.
#pragma once
#include <bpf/libbpf.h>

#include "addon.h"

struct Object {
	static constexpr napi_type_tag tag = {0x6270666f626a6563, 0x91d0c1fb2e6a4f01};
	bpf_object *object = nullptr;

	~Object()
	{
		close();
	}
	void close()
	{
		bpf_object__close(object); // accepts null
		object = nullptr;
	}
};

// Both throw with ENOENT where the object has nothing of that name.
bpf_program *program_of(const Napi::CallbackInfo &info);
bpf_map *map_of(const Napi::CallbackInfo &info);
