// SPDX-License-Identifier: Apache-2.0
// What the files of the addon share: the exported functions, and handles that JavaScript holds.
#pragma once
#include <napi.h>

#include <memory>
#include <string>

// Reaches JavaScript as `errno` (positive; libbpf's own numbers begin at 4000), `call` and `log` (what libbpf
// said).
[[noreturn]] void fail(Napi::Env env, int error_number, const std::string &call, const std::string &log = {});

// Collects what libbpf prints on this thread while it lives. Nothing reaches stderr.
class Capture
{
      public:
	Capture();
	~Capture();
	Capture(const Capture &) = delete;
	Capture &operator=(const Capture &) = delete;

	std::string text;

      private:
	Capture *outer_;
};

// An owned C++ value behind an opaque JavaScript handle. Closing is explicit (each subject has its `_close`);
// the finalizer is the net below it, at the end of a worker for instance. The tag makes a handle of another
// kind an error instead of a crash.
template <typename T> Napi::Value give(Napi::Env env, std::unique_ptr<T> value)
{
	T *raw = value.release();
	auto handle = Napi::External<T>::New(env, raw, [](Napi::Env, T *owned) { delete owned; });
	handle.TypeTag(&T::tag);
	return handle;
}

template <typename T> T &take(const Napi::CallbackInfo &info, size_t index)
{
	auto handle = info[index].As<Napi::External<T>>();
	if (!info[index].IsExternal() || !handle.CheckTypeTag(&T::tag))
		throw Napi::TypeError::New(info.Env(), "a handle of another kind");
	return *handle.Data();
}

// Bytes of a Uint8Array argument; empty for null and undefined.
struct Bytes {
	uint8_t *data = nullptr;
	size_t size = 0;
};
Bytes bytes_of(const Napi::CallbackInfo &info, size_t index);
std::string text_of(const Napi::CallbackInfo &info, size_t index);
int number_of(const Napi::CallbackInfo &info, size_t index);

// Each adds its functions, named subject_verb, to the exports.
void register_object(Napi::Env env, Napi::Object exports);
void register_program(Napi::Env env, Napi::Object exports);
void register_link(Napi::Env env, Napi::Object exports);
void register_ring(Napi::Env env, Napi::Object exports);
void register_map(Napi::Env env, Napi::Object exports);
void register_probe(Napi::Env env, Napi::Object exports);
void register_statistics(Napi::Env env, Napi::Object exports);
void register_clock(Napi::Env env, Napi::Object exports);
void register_netlink(Napi::Env env, Napi::Object exports);
void register_ethtool(Napi::Env env, Napi::Object exports);
void register_kernel_log(Napi::Env env, Napi::Object exports);
void register_clock_watch(Napi::Env env, Napi::Object exports);
void register_receive_timestamps(Napi::Env env, Napi::Object exports);
void register_filter(Napi::Env env, Napi::Object exports);
