// SPDX-License-Identifier: Apache-2.0
// Filters in tcpdump's language, compiled by libpcap. It is opened when the first one is compiled, so that an
// addon for those who need no filters needs no libpcap; nor does building it, but then it has none.
#include "exports.h"

#if __has_include(<pcap/pcap.h>)
#include <dlfcn.h>
#include <pcap/pcap.h>

namespace
{
struct Library {
	decltype(&pcap_open_dead) open_dead = nullptr;
	decltype(&pcap_close) close = nullptr;
	decltype(&pcap_compile) compile = nullptr;
	decltype(&pcap_freecode) free_code = nullptr;
	decltype(&pcap_geterr) get_error = nullptr;
	std::string trouble;
};

template <typename Function> void find(Library &library, void *handle, const char *name, Function &function)
{
	function = reinterpret_cast<Function>(dlsym(handle, name));
	if (function == nullptr)
		library.trouble = std::string("libpcap has no ") + name;
}

Library open_library()
{
	Library library;
	// Debian and its children, then everybody else.
	void *handle = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
	if (handle == nullptr)
		handle = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
	if (handle == nullptr) {
		library.trouble = "libpcap is not installed (Debian: libpcap0.8)";
		return library;
	}
	find(library, handle, "pcap_open_dead", library.open_dead);
	find(library, handle, "pcap_close", library.close);
	find(library, handle, "pcap_compile", library.compile);
	find(library, handle, "pcap_freecode", library.free_code);
	find(library, handle, "pcap_geterr", library.get_error);
	return library;
}
} // namespace

static Napi::Object answer(Napi::Env env, const char *name, Napi::Value value)
{
	auto result = Napi::Object::New(env);
	result.Set(name, value);
	return result;
}

// (text, link type, snapshot length): { code } with 8 bytes an instruction, { refusal } in libpcap's words,
// or { trouble } where there is no libpcap
static Napi::Value filter_compile(Napi::Env env, const std::string &text, int link_type, int snapshot_bytes)
{
	static const Library library = open_library();
	if (!library.trouble.empty())
		return answer(env, "trouble", Napi::String::New(env, library.trouble));
	std::unique_ptr<pcap_t, decltype(&pcap_close)> file(library.open_dead(link_type, snapshot_bytes),
							    library.close);
	if (file == nullptr)
		return answer(env, "trouble", Napi::String::New(env, "libpcap has no memory"));
	bpf_program program = {};
	if (library.compile(file.get(), &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
		return answer(env, "refusal", Napi::String::New(env, library.get_error(file.get())));
	std::unique_ptr<bpf_program, decltype(&pcap_freecode)> compiled(&program, library.free_code);
	static_assert(sizeof(bpf_insn) == 8, "as in linux/filter.h");
	const auto *bytes = reinterpret_cast<const uint8_t *>(program.bf_insns);
	return answer(env, "code",
		      Napi::Buffer<uint8_t>::Copy(env, bytes, program.bf_len * sizeof(bpf_insn)));
}
#else
static Napi::Value filter_compile(Napi::Env env, const std::string &, int, int)
{
	auto result = Napi::Object::New(env);
	result.Set("trouble", "the addon was built without libpcap's headers (Debian: libpcap-dev)");
	return result;
}
#endif

void register_filter(Exports &exports)
{
	exports.add<filter_compile>("filter_compile");
}
