// SPDX-License-Identifier: Apache-2.0
#include "poller.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>

#include "exports.h"
#include "held-signals.h"

static void stop_poller(Poller *poller) noexcept
{
	poller->stop();
}

Poller::Poller(Napi::Env env, Napi::Function wake)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
	epoll_event event = {};
	event.events = EPOLLIN;
	event.data.u64 = stop_id;
	if (epoll_.fd < 0 || stop_.fd < 0 || epoll_ctl(epoll_.fd, EPOLL_CTL_ADD, stop_.fd, &event) != 0)
		fail(env, errno, "epoll_create1");
	wake_ = Wake::New(env, wake, "bpf ring", 0, 1, this);
	wake_.Unref(env);
	start_thread(env);
	// Hooks run last in, first out: this one comes after that of the thread-safe function, so the thread
	// has ended before the function goes.
	env.AddCleanupHook(stop_poller, this);
}

// Where no thread can be had (pids.max of a cgroup, RLIMIT_NPROC, no memory for its stack), nothing is left
// that would call the environment, and ring_listen may be tried again.
void Poller::start_thread(Napi::Env env)
{
	HeldSignals held; // the thread inherits them: signals belong to the threads of Node
	try {
		thread_ = std::thread([this] { wait(); });
	} catch (...) {
		wake_.Abort();
		rethrow(env, "start of a thread");
	}
	pthread_setname_np(thread_.native_handle(), "bpf-ring");
}

Poller::~Poller()
{
	stop();
}

void Poller::stop()
{
	if (stopped_)
		return;
	stopped_ = true;
	uint64_t one = 1;
	while (write(stop_.fd, &one, sizeof one) < 0 && errno == EINTR)
		;
	thread_.join();
	wake_.Abort();
}

int Poller::add(int fd, uint64_t id)
{
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLONESHOT;
	event.data.u64 = id;
	return epoll_ctl(epoll_.fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int Poller::arm(int fd, uint64_t id)
{
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLONESHOT;
	event.data.u64 = id;
	return epoll_ctl(epoll_.fd, EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
}

void Poller::remove(int fd)
{
	epoll_ctl(epoll_.fd, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::hold(Napi::Env env)
{
	if (holds_++ == 0 && !stopped_)
		wake_.Ref(env);
}

void Poller::release(Napi::Env env)
{
	if (holds_ > 0 && --holds_ == 0 && !stopped_)
		wake_.Unref(env);
}

void Poller::wait() noexcept
{
	constexpr int memory_pause_ms = 100;
	std::array<epoll_event, Ids::most> events;
	for (;;) {
		// Before anything is taken from epoll, which reports each ring once only.
		std::unique_ptr<Ids> ids(new (std::nothrow) Ids());
		if (ids == nullptr) {
			pollfd stop = {.fd = stop_.fd, .events = POLLIN, .revents = 0};
			if (poll(&stop, 1, memory_pause_ms) > 0)
				return;
			continue;
		}
		int count = epoll_wait(epoll_.fd, events.data(), events.size(), -1);
		if (count < 0 && errno != EINTR)
			return; // only EBADF or EINVAL are left, and neither can heal
		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 == stop_id)
				return;
			ids->values[ids->count++] = events[i].data.u64;
		}
		if (ids->count == 0)
			continue;
		// The queue has no limit of its own: EPOLLONESHOT lets each ring be in it once.
		if (wake_.NonBlockingCall(ids.get()) != napi_ok)
			return; // the environment is closing
		ids.release();
	}
}

void Poller::call_wake(Napi::Env env, Napi::Function wake, Poller *, Ids *raw)
{
	std::unique_ptr<Ids> ids(raw);
	if (env == nullptr || wake == nullptr)
		return; // the queue is being emptied at the end of the environment
	// Without exceptions: here the environment may be ending, and then every call fails, which is
	// nobody's error.
	napi_value list, id;
	if (napi_create_array_with_length(env, ids->count, &list) != napi_ok)
		return;
	for (size_t i = 0; i < ids->count; i++) {
		if (napi_create_double(env, ids->values[i], &id) != napi_ok ||
		    napi_set_element(env, list, i, id) != napi_ok)
			return;
	}
	napi_value receiver;
	if (napi_get_undefined(env, &receiver) == napi_ok)
		napi_call_function(env, receiver, wake, 1, &list, nullptr);
}
