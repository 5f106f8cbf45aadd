// SPDX-License-Identifier: Apache-2.0
// Ring buffers: the functions JavaScript calls once per batch.
#include <fcntl.h>

#include "object.h"
#include "ring-memory.h"
#include "watched.h"

struct Ring : Watched {
	static constexpr napi_type_tag tag = {0x62706672696e6700, 0x91d0c1fb2e6a4f03};
	static constexpr const char *name = "ring";
	using Watched::Watched;

	RingMemory memory;
};

// (wake): once per environment, before the first ring_open
static void ring_listen(Napi::Env env, Napi::Function wake)
{
	auto &poller = *env.GetInstanceData<std::shared_ptr<Poller>>();
	if (poller != nullptr)
		fail(env, EALREADY, "ring_listen");
	poller = std::make_shared<Poller>(env, wake);
}

// (object, map, id) -> ring, armed
static Napi::Value ring_open(Napi::Env env, Open<Object> object, const std::string &name, uint64_t id)
{
	bpf_map *map = map_of(env, object, name);
	if (bpf_map__type(map) != BPF_MAP_TYPE_RINGBUF)
		fail(env, EINVAL, "ring_open of another map");
	auto ring = std::make_unique<Ring>(env, id);
	// Our own descriptor: the ring then outlives a careless close of the object.
	ring->own(env, fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3), "dup");
	int error_number = ring->memory.map(ring->fd(), bpf_map__max_entries(map));
	if (error_number != 0)
		fail(env, error_number, "mmap of the ring");
	ring->watch(env);
	return give(env, std::move(ring));
}

// (ring, output, index: offsets then lengths, limits: [records, bytes], result: [needed, busy, full, more])
// -> count
static Napi::Value ring_read(Napi::Env env, Open<Ring> ring, Bytes output, Elements<uint32_t> index,
			     Elements<uint32_t, 2> limits, Elements<uint32_t, 4> result)
{
	uint32_t capacity = std::min<size_t>(index.size / 2, UINT32_MAX);
	uint32_t output_bytes = std::min<size_t>(output.size, UINT32_MAX);
	RingRead done = ring->memory.read({output.data, output_bytes, index.data, index.data + capacity},
					  {std::min(limits[0], capacity), limits[1]});
	result[0] = done.needed_bytes;
	result[1] = done.is_busy;
	result[2] = done.is_full;
	result[3] = done.has_more;
	return Napi::Number::New(env, done.count);
}

// (ring, positions: Float64Array of consumer and producer, in bytes since the ring was made)
static void ring_positions(Napi::Env, Open<Ring> ring, Elements<double, 2> positions)
{
	positions[0] = ring->memory.consumer_position();
	positions[1] = ring->memory.producer_position();
}

static void ring_close(Napi::Env, Ring &ring)
{
	ring.close();
	ring.memory.unmap();
}

void register_ring(Exports &exports)
{
	exports.add<ring_listen>("ring_listen");
	exports.add<ring_open>("ring_open");
	exports.add<ring_read>("ring_read");
	exports.add<ring_positions>("ring_positions");
	exports.add<watched_arm<Ring>>("ring_arm");
	exports.add<watched_hold<Ring>>("ring_hold");
	exports.add<watched_release<Ring>>("ring_release");
	exports.add<ring_close>("ring_close");
}
