// SPDX-License-Identifier: Apache-2.0
// Entry of the addon. Context-aware: what belongs to one Node environment lives in its instance data (see
// poller.h).
#include "exports.h"
#include "poller.h"

void Argument::refuse(const std::string &wanted) const
{
	throw Napi::TypeError::New(info.Env(), std::string(static_cast<const char *>(info.Data())) +
						       ": argument " + std::to_string(index + 1) +
						       " must be " + wanted);
}

static Napi::Object start(Napi::Env env, Napi::Object object)
{
	env.SetInstanceData(new std::shared_ptr<Poller>());
	Exports exports(env, object);
	register_object(exports);
	register_program(exports);
	register_link(exports);
	register_ring(exports);
	register_map(exports);
	register_probe(exports);
	register_statistics(exports);
	register_clock(exports);
	register_netlink(exports);
	register_ethtool(exports);
	register_clock_watch(exports);
	register_kernel_log(exports);
	register_receive_timestamps(exports);
	register_filter(exports);
	register_peer(exports);
	return object;
}

NODE_API_MODULE(bpf_loader, start)
