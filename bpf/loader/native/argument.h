// SPDX-License-Identifier: Apache-2.0
// What JavaScript passes, as what a C++ function takes: the type of each parameter says what is accepted, and
// everything else throws a TypeError before the function runs (exports.h). Nothing is converted, so reading
// an argument never runs JavaScript.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "addon.h"

struct Argument {
	const Napi::CallbackInfo &info;
	size_t index;

	Napi::Value value() const
	{
		return info[index];
	}
	[[noreturn]] void refuse(const std::string &wanted) const;
};

// The memory of a typed array with at least `minimum` elements.
template <typename Element, size_t minimum = 0> struct Elements {
	Element *data = nullptr;
	size_t size = 0;

	Element &operator[](size_t index) const
	{
		return data[index];
	}
};
using Bytes = Elements<uint8_t>;

// A handle that was not closed; `T &` alone takes a closed one too.
template <typename T> struct Open {
	T &value;

	T *operator->() const
	{
		return &value;
	}
};

template <typename T, typename = void> struct From;

template <> struct From<bool> {
	static bool read(const Argument &argument)
	{
		if (!argument.value().IsBoolean())
			argument.refuse("true or false");
		return argument.value().As<Napi::Boolean>();
	}
};

// Whole, and small enough for a JavaScript number to hold it exactly.
template <typename T> struct From<T, std::enable_if_t<std::is_integral_v<T>>> {
	static T read(const Argument &argument)
	{
		constexpr double exact = 9007199254740991;
		constexpr double lowest = std::max<double>(std::numeric_limits<T>::min(), -exact);
		constexpr double highest = std::min<double>(std::numeric_limits<T>::max(), exact);
		double number = argument.value().IsNumber()
					? argument.value().As<Napi::Number>().DoubleValue()
					: std::numeric_limits<double>::quiet_NaN();
		if (!(number >= lowest && number <= highest) || std::trunc(number) != number)
			argument.refuse("a whole number from " +
					std::to_string(static_cast<int64_t>(lowest)) + " to " +
					std::to_string(static_cast<int64_t>(highest)));
		return static_cast<T>(number);
	}
};

// A NUL would end it early on this side.
template <> struct From<std::string> {
	static std::string read(const Argument &argument)
	{
		std::string text;
		if (argument.value().IsString())
			text = argument.value().As<Napi::String>().Utf8Value();
		if (!argument.value().IsString() || text.find('\0') != std::string::npos)
			argument.refuse("a string without NUL");
		return text;
	}
};

template <typename Element> struct ArrayOf;
template <> struct ArrayOf<uint8_t> {
	static constexpr napi_typedarray_type type = napi_uint8_array;
	static constexpr const char *name = "a Uint8Array";
};
template <> struct ArrayOf<uint32_t> {
	static constexpr napi_typedarray_type type = napi_uint32_array;
	static constexpr const char *name = "a Uint32Array";
};
template <> struct ArrayOf<uint64_t> {
	static constexpr napi_typedarray_type type = napi_biguint64_array;
	static constexpr const char *name = "a BigUint64Array";
};
template <> struct ArrayOf<double> {
	static constexpr napi_typedarray_type type = napi_float64_array;
	static constexpr const char *name = "a Float64Array";
};

template <typename Element, size_t minimum> struct From<Elements<Element, minimum>> {
	static Elements<Element, minimum> read(const Argument &argument)
	{
		napi_typedarray_type type;
		size_t size = 0;
		void *data = nullptr;
		if (!argument.value().IsTypedArray() ||
		    napi_get_typedarray_info(argument.info.Env(), argument.value(), &type, &size, &data,
					     nullptr, nullptr) != napi_ok ||
		    type != ArrayOf<Element>::type || size < minimum)
			argument.refuse(
				ArrayOf<Element>::name +
				(minimum == 0 ? std::string() : " of at least " + std::to_string(minimum)));
		return {static_cast<Element *>(data), size};
	}
};

template <> struct From<Napi::Function> {
	static Napi::Function read(const Argument &argument)
	{
		if (!argument.value().IsFunction())
			argument.refuse("a function");
		return argument.value().As<Napi::Function>();
	}
};

// Nothing for null and undefined.
template <typename T> struct From<std::optional<T>> {
	static std::optional<T> read(const Argument &argument)
	{
		if (argument.value().IsNull() || argument.value().IsUndefined())
			return std::nullopt;
		return From<T>::read(argument);
	}
};

// A handle that give() made; the tag makes one of another kind an error instead of a crash.
template <typename T> struct From<T, std::void_t<decltype(T::tag)>> {
	static T &read(const Argument &argument)
	{
		auto handle = argument.value().As<Napi::External<T>>();
		if (!argument.value().IsExternal() || !handle.CheckTypeTag(&T::tag))
			argument.refuse(std::string("the handle of a ") + T::name);
		return *handle.Data();
	}
};

template <typename T> struct From<Open<T>> {
	static Open<T> read(const Argument &argument)
	{
		return {From<T>::read(argument)};
	}
};

// What else there is to check once every argument is of its type.
template <typename T> void check(Napi::Env, const T &) {}

template <typename T> void check(Napi::Env env, const Open<T> &handle)
{
	if (!handle->is_open())
		fail(env, EBADF, std::string("use of a closed ") + T::name);
}
