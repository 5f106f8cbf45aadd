// SPDX-License-Identifier: Apache-2.0
// What the kernel counts of its programs.
#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>

#include "addon.h"

struct StatisticsSwitch {
	static constexpr napi_type_tag tag = {0x6270667374617400, 0x91d0c1fb2e6a4f04};
	int fd = -1;

	~StatisticsSwitch()
	{
		close();
	}
	void close()
	{
		if (fd >= 0)
			::close(fd);
		fd = -1;
	}
};

// -> a switch: run time is counted while it is open, whatever happens to this process
static Napi::Value statistics_enable(const Napi::CallbackInfo &info)
{
	auto opened = std::make_unique<StatisticsSwitch>();
	opened->fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (opened->fd < 0)
		fail(info.Env(), -opened->fd, "bpf_enable_stats");
	return give(info.Env(), std::move(opened));
}

static void statistics_disable(const Napi::CallbackInfo &info)
{
	take<StatisticsSwitch>(info, 0).close();
}

// (fd of a program) -> { id, runCount, runTimeNs, recursionMisses, verifiedInstructions }
static Napi::Value statistics_read(const Napi::CallbackInfo &info)
{
	// Zero where an older kernel does not know a field.
	bpf_prog_info program = {};
	__u32 size = sizeof program;
	int status = bpf_obj_get_info_by_fd(number_of(info, 0), &program, &size);
	if (status != 0)
		fail(info.Env(), -status, "bpf_obj_get_info_by_fd");
	Napi::Env env = info.Env();
	auto result = Napi::Object::New(env);
	result.Set("id", program.id);
	result.Set("runCount", Napi::BigInt::New(env, static_cast<uint64_t>(program.run_cnt)));
	result.Set("runTimeNs", Napi::BigInt::New(env, static_cast<uint64_t>(program.run_time_ns)));
	result.Set("recursionMisses",
		   Napi::BigInt::New(env, static_cast<uint64_t>(program.recursion_misses)));
	result.Set("verifiedInstructions", program.verified_insns);
	return result;
}

void register_statistics(Napi::Env env, Napi::Object exports)
{
	exports.Set("statistics_enable", Napi::Function::New<statistics_enable>(env));
	exports.Set("statistics_disable", Napi::Function::New<statistics_disable>(env));
	exports.Set("statistics_read", Napi::Function::New<statistics_read>(env));
}
