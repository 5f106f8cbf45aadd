import type { Costs } from "#test/costs/cost-states.ts";

const wait = ["memcg_reclaim", "memcg_begin", "memcg_end"];

export const costs: Costs = {
  states: [
    { state: "below", workload: "page-cache", programs: wait },
    {
      state: "limited",
      workload: "page-cache",
      settings: { threshold_ns: 0, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
      programs: ["memcg_end"],
    },
    {
      state: "record",
      workload: "page-cache",
      // A wait comes with every thirty-second page.
      count: 2_000,
      settings: { threshold_ns: 0, limit_interval_ns: 0 },
      programs: ["memcg_end"],
    },
    { state: "below", workload: "cgroup-life", programs: ["cgroup_removed"] },
    // On the way back to user space, with nothing to do for memory: each file that is closed passes there.
    { state: "below", workload: "fork-exec", programs: ["earlier_brake_begin", "earlier_brake_end"] },
  ],
  notMeasured: {
    direct_begin: "the same as memcg_begin, where the whole machine is short",
    direct_end: "the same as memcg_end, where the whole machine is short",
    compaction_try: "the same as memcg_begin, where pages in a row are short",
    compaction_begin: "the same as memcg_begin, where pages in a row are short",
    compaction_end: "the same as memcg_end, where pages in a row are short",
    brake_begin: "the same as earlier_brake_begin; only later than Linux 6.12",
    brake_end: "the same as earlier_brake_end; only later than Linux 6.12",
    brake_probe_begin: "only where the kernel refuses fentry, later than Linux 6.12",
    brake_probe_end: "only where the kernel refuses fexit, later than Linux 6.12",
    earlier_brake_probe_begin: "only where the kernel refuses fentry",
    earlier_brake_probe_end: "only where the kernel refuses fexit",
    compaction_end_without_control: "only before Linux 5.17",
  },
};
