// SPDX-License-Identifier: Apache-2.0
// The bond between a program and its hook.
#pragma once
#include <bpf/libbpf.h>

#include "exports.h"

struct Link {
	static constexpr napi_type_tag tag = {0x6270666c696e6b00, 0x91d0c1fb2e6a4f02};
	static constexpr const char *name = "link";
	bpf_link *link = nullptr;

	~Link()
	{
		close();
	}
	bool is_open() const
	{
		return link != nullptr;
	}
	void close()
	{
		bpf_link__destroy(link); // accepts null
		link = nullptr;
	}
};
