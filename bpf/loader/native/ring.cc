// SPDX-License-Identifier: Apache-2.0
// Ring buffers: the functions JavaScript calls once per batch.
#include <fcntl.h>

#include "addon.h"
#include "ring-memory.h"
#include "watched.h"

struct Ring : Watched {
	static constexpr napi_type_tag tag = {0x62706672696e6700, 0x91d0c1fb2e6a4f03};
	static constexpr const char *name = "ring";
	using Watched::Watched;

	RingMemory memory;
};

// (wake): once per environment, before the first ring_open
static void ring_listen(const Napi::CallbackInfo &info)
{
	auto &poller = *info.Env().GetInstanceData<std::shared_ptr<Poller>>();
	poller = std::make_shared<Poller>(info.Env(), info[0].As<Napi::Function>());
}

// (fd of the map, size in bytes, id) -> ring, armed
static Napi::Value ring_open(const Napi::CallbackInfo &info)
{
	auto ring = std::make_unique<Ring>(info, 2);
	// Our own descriptor: the ring then outlives a careless close of the object.
	ring->own(info.Env(), fcntl(number_of(info, 0), F_DUPFD_CLOEXEC, 3), "dup");
	int error_number = ring->memory.map(ring->fd, info[1].As<Napi::Number>().Uint32Value());
	if (error_number != 0)
		fail(info.Env(), error_number, "mmap of the ring");
	ring->watch(info.Env());
	return give(info.Env(), std::move(ring));
}

// (ring, output, index: offsets then lengths, limits: [records, bytes], result: [needed, busy, full, more])
// -> count
static Napi::Value ring_read(const Napi::CallbackInfo &info)
{
	auto &ring = take_open<Ring>(info);
	Bytes output = bytes_of(info, 1);
	auto index = info[2].As<Napi::Uint32Array>();
	auto limits = info[3].As<Napi::Uint32Array>();
	auto result = info[4].As<Napi::Uint32Array>();
	uint32_t capacity = index.ElementLength() / 2;
	uint32_t records = std::min<uint32_t>(limits.Data()[0], capacity);
	RingRead done = ring.memory.read(
		{output.data, static_cast<uint32_t>(output.size), index.Data(), index.Data() + capacity},
		{records, limits.Data()[1]});
	result.Data()[0] = done.needed_bytes;
	result.Data()[1] = done.is_busy;
	result.Data()[2] = done.is_full;
	result.Data()[3] = done.has_more;
	return Napi::Number::New(info.Env(), done.count);
}

// (ring, positions: Float64Array of consumer and producer, in bytes since the ring was made)
static void ring_positions(const Napi::CallbackInfo &info)
{
	auto &ring = take_open<Ring>(info);
	auto positions = info[1].As<Napi::Float64Array>();
	positions.Data()[0] = ring.memory.consumer_position();
	positions.Data()[1] = ring.memory.producer_position();
}

static void ring_close(const Napi::CallbackInfo &info)
{
	auto &ring = take<Ring>(info, 0);
	ring.close();
	ring.memory.unmap();
}

void register_ring(Napi::Env env, Napi::Object exports)
{
	exports.Set("ring_listen", Napi::Function::New<ring_listen>(env));
	exports.Set("ring_open", Napi::Function::New<ring_open>(env));
	exports.Set("ring_read", Napi::Function::New<ring_read>(env));
	exports.Set("ring_positions", Napi::Function::New<ring_positions>(env));
	exports.Set("ring_arm", Napi::Function::New<watched_arm<Ring>>(env));
	exports.Set("ring_hold", Napi::Function::New<watched_hold<Ring>>(env));
	exports.Set("ring_release", Napi::Function::New<watched_release<Ring>>(env));
	exports.Set("ring_close", Napi::Function::New<ring_close>(env));
}
