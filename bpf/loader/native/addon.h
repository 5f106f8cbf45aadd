// SPDX-License-Identifier: Apache-2.0
// What the files of the addon share: errors, handles that JavaScript holds, and who adds which functions.
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
// the finalizer is the net below it, at the end of a worker for instance.
template <typename T> Napi::Value give(Napi::Env env, std::unique_ptr<T> value)
{
	auto handle = Napi::External<T>::New(env, value.get(), [](Napi::Env, T *owned) { delete owned; });
	value.release();
	handle.TypeTag(&T::tag);
	return handle;
}

class Exports;

// Each adds its functions, named subject_verb, to the exports.
void register_object(Exports &exports);
void register_program(Exports &exports);
void register_link(Exports &exports);
void register_ring(Exports &exports);
void register_map(Exports &exports);
void register_probe(Exports &exports);
void register_statistics(Exports &exports);
void register_clock(Exports &exports);
void register_netlink(Exports &exports);
void register_ethtool(Exports &exports);
void register_kernel_log(Exports &exports);
void register_clock_watch(Exports &exports);
void register_receive_timestamps(Exports &exports);
void register_filter(Exports &exports);
void register_peer(Exports &exports);
