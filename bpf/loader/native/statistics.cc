// SPDX-License-Identifier: Apache-2.0
// What the kernel counts of its programs.
#include <bpf/bpf.h>

#include "descriptor.h"
#include "exports.h"

struct StatisticsSwitch : Descriptor {
	static constexpr napi_type_tag tag = {0x6270667374617400, 0x91d0c1fb2e6a4f04};
	static constexpr const char *name = "switch of statistics";
};

// -> a switch: run time is counted while it is open, whatever happens to this process
static Napi::Value statistics_enable(Napi::Env env)
{
	auto opened = std::make_unique<StatisticsSwitch>();
	opened->fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (opened->fd < 0)
		fail(env, -opened->fd, "bpf_enable_stats");
	return give(env, std::move(opened));
}

static void statistics_disable(Napi::Env, StatisticsSwitch &opened)
{
	opened.close();
}

// (fd of a program) -> { id, runCount, runTimeNs, recursionMisses, verifiedInstructions }
static Napi::Value statistics_read(Napi::Env env, int fd)
{
	// Zero where an older kernel does not know a field.
	bpf_prog_info program = {};
	__u32 size = sizeof program;
	int status = bpf_obj_get_info_by_fd(fd, &program, &size);
	if (status != 0)
		fail(env, -status, "bpf_obj_get_info_by_fd");
	auto result = Napi::Object::New(env);
	result.Set("id", program.id);
	result.Set("runCount", Napi::BigInt::New(env, static_cast<uint64_t>(program.run_cnt)));
	result.Set("runTimeNs", Napi::BigInt::New(env, static_cast<uint64_t>(program.run_time_ns)));
	result.Set("recursionMisses",
		   Napi::BigInt::New(env, static_cast<uint64_t>(program.recursion_misses)));
	result.Set("verifiedInstructions", program.verified_insns);
	return result;
}

void register_statistics(Exports &exports)
{
	exports.add<statistics_enable>("statistics_enable");
	exports.add<statistics_disable>("statistics_disable");
	exports.add<statistics_read>("statistics_read");
}
