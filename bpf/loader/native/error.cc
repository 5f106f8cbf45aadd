// SPDX-License-Identifier: Apache-2.0
// libbpf's words and numbers on their way to JavaScript.
#include "addon.h"

#include <bpf/libbpf.h>

#include <cstdio>
#include <cstring>
#include <mutex>
#include <vector>

static thread_local Capture *current = nullptr;

static int collect(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (current == nullptr || level == LIBBPF_DEBUG)
		return 0;
	va_list again;
	va_copy(again, arguments);
	// A verifier log comes as one argument and may have megabytes.
	int length = vsnprintf(nullptr, 0, format, arguments);
	if (length > 0) {
		size_t before = current->text.size();
		current->text.resize(before + length + 1);
		vsnprintf(&current->text[before], length + 1, format, again);
		current->text.resize(before + length);
	}
	va_end(again);
	return length;
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
