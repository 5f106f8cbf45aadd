// SPDX-License-Identifier: Apache-2.0
// Entry of the addon. Context-aware: what belongs to one Node environment lives in its instance data (see
// poller.h).
#include "addon.h"
#include "poller.h"

Bytes bytes_of(const Napi::CallbackInfo &info, size_t index)
{
	if (info[index].IsNull() || info[index].IsUndefined())
		return {};
	auto array = info[index].As<Napi::Uint8Array>();
	return {array.Data(), array.ByteLength()};
}

std::string text_of(const Napi::CallbackInfo &info, size_t index)
{
	return info[index].As<Napi::String>().Utf8Value();
}

int number_of(const Napi::CallbackInfo &info, size_t index)
{
	return info[index].As<Napi::Number>().Int32Value();
}

static Napi::Object start(Napi::Env env, Napi::Object exports)
{
	env.SetInstanceData(new std::shared_ptr<Poller>());
	register_object(env, exports);
	register_program(env, exports);
	register_link(env, exports);
	register_ring(env, exports);
	register_map(env, exports);
	register_probe(env, exports);
	register_statistics(env, exports);
	register_clock(env, exports);
	register_netlink(env, exports);
	register_ethtool(env, exports);
	register_clock_watch(env, exports);
	register_kernel_log(env, exports);
	register_receive_timestamps(env, exports);
	register_filter(env, exports);
	return exports;
}

NODE_API_MODULE(bpf_loader, start)
