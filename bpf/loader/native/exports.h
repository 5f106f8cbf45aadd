// SPDX-License-Identifier: Apache-2.0
// The only way from JavaScript into a function of this addon. It takes its arguments by the types of the
// function's parameters (argument.h), and turns whatever the function throws into a JavaScript error.
#pragma once
#include <tuple>
#include <utility>

#include "argument.h"

// In a handler: throws what is being handled anew, as an error with `errno` and `call`. `call` is what was
// tried.
[[noreturn]] void rethrow(Napi::Env env, const std::string &call);

template <typename Result, typename... Parameters>
Napi::Value call_with_arguments(const Napi::CallbackInfo &info, Result (*function)(Napi::Env, Parameters...))
{
	return [&]<size_t... index>(std::index_sequence<index...>)->Napi::Value
	{
		// In braces, so that the first wrong argument is the one that is named.
		std::tuple<decltype(From<std::decay_t<Parameters>>::read(std::declval<Argument>()))...>
			arguments{From<std::decay_t<Parameters>>::read(Argument{info, index})...};
		(check(info.Env(), std::get<index>(arguments)), ...);
		if constexpr (std::is_void_v<Result>) {
			function(info.Env(), std::get<index>(arguments)...);
			return info.Env().Undefined();
		} else {
			return function(info.Env(), std::get<index>(arguments)...);
		}
	}
	(std::index_sequence_for<Parameters...>());
}

template <auto function> Napi::Value guarded(const Napi::CallbackInfo &info)
{
	try {
		return call_with_arguments(info, function);
	} catch (...) {
		rethrow(info.Env(), static_cast<const char *>(info.Data()));
	}
}

class Exports
{
      public:
	Exports(Napi::Env env, Napi::Object object) : env_(env), object_(object) {}
	// `name` is a literal: errors name the function by it as long as the addon is loaded.
	template <auto function> void add(const char *name)
	{
		object_.Set(name,
			    Napi::Function::New<guarded<function>>(env_, name, const_cast<char *>(name)));
	}

      private:
	Napi::Env env_;
	Napi::Object object_;
};
