// SPDX-License-Identifier: Apache-2.0
// Ring buffers: the functions JavaScript calls once per batch.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "addon.h"
#include "poller.h"
#include "ring-memory.h"

struct Ring {
	static constexpr napi_type_tag tag = {0x62706672696e6700, 0x91d0c1fb2e6a4f03};
	std::shared_ptr<Poller> poller;
	RingMemory memory;
	uint64_t id = 0;
	int fd = -1;

	~Ring()
	{
		close();
	}
	void close()
	{
		if (fd < 0)
			return;
		// By hand: closing our descriptor would leave it watched, the object still has the original.
		poller->remove(fd);
		memory.unmap();
		::close(fd);
		fd = -1;
	}
};

static Ring &open_ring(const Napi::CallbackInfo &info)
{
	auto &ring = take<Ring>(info, 0);
	if (ring.fd < 0)
		fail(info.Env(), EBADF, "use of a closed ring");
	return ring;
}

static std::shared_ptr<Poller> &poller_of(Napi::Env env)
{
	return *env.GetInstanceData<std::shared_ptr<Poller>>();
}

// (wake): once per environment, before the first ring_open
static void ring_listen(const Napi::CallbackInfo &info)
{
	poller_of(info.Env()) = std::make_shared<Poller>(info.Env(), info[0].As<Napi::Function>());
}

// (fd of the map, size in bytes, id) -> ring, armed
static Napi::Value ring_open(const Napi::CallbackInfo &info)
{
	auto ring = std::make_unique<Ring>();
	ring->poller = poller_of(info.Env());
	ring->id = info[2].As<Napi::Number>().Int64Value();
	// Our own descriptor: the ring then outlives a careless close of the object.
	ring->fd = fcntl(number_of(info, 0), F_DUPFD_CLOEXEC, 3);
	if (ring->fd < 0)
		fail(info.Env(), errno, "dup");
	int error_number = ring->memory.map(ring->fd, info[1].As<Napi::Number>().Uint32Value());
	if (error_number != 0)
		fail(info.Env(), error_number, "mmap of the ring");
	error_number = ring->poller->add(ring->fd, ring->id);
	if (error_number != 0)
		fail(info.Env(), error_number, "epoll_ctl");
	return give(info.Env(), std::move(ring));
}

// (ring, output, index: offsets then lengths, limits: [records, bytes], result: [needed, busy, full, more])
// -> count
static Napi::Value ring_read(const Napi::CallbackInfo &info)
{
	auto &ring = open_ring(info);
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
	auto &ring = open_ring(info);
	auto positions = info[1].As<Napi::Float64Array>();
	positions.Data()[0] = ring.memory.consumer_position();
	positions.Data()[1] = ring.memory.producer_position();
}

// (ring): wake once when there is data, at once if there is some already
static void ring_arm(const Napi::CallbackInfo &info)
{
	auto &ring = open_ring(info);
	int error_number = ring.poller->arm(ring.fd, ring.id);
	if (error_number != 0)
		fail(info.Env(), error_number, "epoll_ctl");
}

static void ring_hold(const Napi::CallbackInfo &info)
{
	open_ring(info).poller->hold(info.Env());
}

static void ring_release(const Napi::CallbackInfo &info)
{
	open_ring(info).poller->release(info.Env());
}

static void ring_close(const Napi::CallbackInfo &info)
{
	take<Ring>(info, 0).close();
}

void register_ring(Napi::Env env, Napi::Object exports)
{
	exports.Set("ring_listen", Napi::Function::New<ring_listen>(env));
	exports.Set("ring_open", Napi::Function::New<ring_open>(env));
	exports.Set("ring_read", Napi::Function::New<ring_read>(env));
	exports.Set("ring_positions", Napi::Function::New<ring_positions>(env));
	exports.Set("ring_arm", Napi::Function::New<ring_arm>(env));
	exports.Set("ring_hold", Napi::Function::New<ring_hold>(env));
	exports.Set("ring_release", Napi::Function::New<ring_release>(env));
	exports.Set("ring_close", Napi::Function::New<ring_close>(env));
}
