// SPDX-License-Identifier: Apache-2.0
// libbpf's words and numbers on their way to JavaScript.
#include "exports.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <system_error>

static thread_local Capture *current = nullptr;

static void append(std::string &text, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	// A verifier log comes as one argument and may have megabytes.
	int length = vsnprintf(nullptr, 0, format, arguments);
	size_t before = text.size();
	try {
		if (length > 0) {
			text.resize(before + length + 1);
			vsnprintf(&text[before], length + 1, format, again);
			text.resize(before + length);
		}
	} catch (const std::exception &) {
		// Without memory for it. libbpf, whose frames are below, cannot let an exception pass.
	}
	va_end(again);
}

static int collect(enum libbpf_print_level level, const char *format, va_list arguments) noexcept
{
	if (current != nullptr && level != LIBBPF_DEBUG)
		append(current->text, format, arguments);
	return 0;
}

Capture::Capture() : outer_(current)
{
	// The callback is process-wide in libbpf, so it is installed once and looks at the calling thread.
	static std::once_flag installed;
	std::call_once(installed, [] { libbpf_set_print(collect); });
	current = this;
}

Capture::~Capture()
{
	current = outer_;
}

void fail(Napi::Env env, int error_number, const std::string &call, const std::string &log)
{
	char words[256] = "";
	libbpf_strerror(error_number, words, sizeof words);
	auto error = Napi::Error::New(env, call + ": " + words);
	error.Set("errno", Napi::Number::New(env, error_number));
	error.Set("call", Napi::String::New(env, call));
	error.Set("reason", Napi::String::New(env, words));
	error.Set("log", Napi::String::New(env, log));
	throw error;
}

void rethrow(Napi::Env env, const std::string &call)
{
	try {
		throw;
	} catch (const Napi::Error &) {
		throw;
	} catch (const std::bad_alloc &) {
		fail(env, ENOMEM, call);
	} catch (const std::length_error &) { // more than any memory has
		fail(env, ENOMEM, call);
	} catch (const std::system_error &error) {
		fail(env, error.code().value(), call);
	} catch (const std::exception &error) {
		fail(env, EIO, call + " (" + error.what() + ")");
	} catch (...) {
		fail(env, EIO, call + " (an exception without a name)");
	}
}
