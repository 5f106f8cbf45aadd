// SPDX-License-Identifier: Apache-2.0
#include "poller.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "addon.h"

static constexpr uint64_t stop_id = 0; // ids of rings begin at 1

static void stop_poller(Poller *poller)
{
	poller->stop();
}

Poller::Poller(Napi::Env env, Napi::Function wake)
    : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
	epoll_event event = {};
	event.events = EPOLLIN;
	event.data.u64 = stop_id;
	if (epoll_fd_ < 0 || stop_fd_ < 0 || epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, stop_fd_, &event) != 0)
		fail(env, errno, "epoll_create1");
	wake_ = Wake::New(env, wake, "bpf ring", 0, 1, this);
	wake_.Unref(env);
	// Hooks run last in, first out: this one comes after that of the thread-safe function, so the thread
	// has ended before the function goes.
	env.AddCleanupHook(stop_poller, this);

	// Signals belong to the threads of Node.
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	thread_ = std::thread([this] { wait(); });
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	pthread_setname_np(thread_.native_handle(), "bpf-ring");
}

Poller::~Poller()
{
	stop();
	close(stop_fd_);
	close(epoll_fd_);
}

void Poller::stop()
{
	if (stopped_)
		return;
	stopped_ = true;
	uint64_t one = 1;
	while (write(stop_fd_, &one, sizeof one) < 0 && errno == EINTR)
		;
	thread_.join();
	wake_.Abort();
}

int Poller::add(int fd, uint64_t id)
{
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLONESHOT;
	event.data.u64 = id;
	return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int Poller::arm(int fd, uint64_t id)
{
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLONESHOT;
	event.data.u64 = id;
	return epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
}

void Poller::remove(int fd)
{
	epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::hold(Napi::Env env)
{
	if (holds_++ == 0 && !stopped_)
		wake_.Ref(env);
}

void Poller::release(Napi::Env env)
{
	if (--holds_ == 0 && !stopped_)
		wake_.Unref(env);
}

void Poller::wait()
{
	std::array<epoll_event, 32> events;
	for (;;) {
		int count = epoll_wait(epoll_fd_, events.data(), events.size(), -1);
		if (count < 0 && errno != EINTR)
			return; // only EBADF or EINVAL are left, and neither can heal
		auto ids = std::make_unique<Ids>();
		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 == stop_id)
				return;
			ids->push_back(events[i].data.u64);
		}
		if (ids->empty())
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
	if (napi_create_array_with_length(env, ids->size(), &list) != napi_ok)
		return;
	for (size_t i = 0; i < ids->size(); i++) {
		if (napi_create_double(env, (*ids)[i], &id) != napi_ok ||
		    napi_set_element(env, list, i, id) != napi_ok)
			return;
	}
	napi_value receiver;
	if (napi_get_undefined(env, &receiver) == napi_ok)
		napi_call_function(env, receiver, wake, 1, &list, nullptr);
}
