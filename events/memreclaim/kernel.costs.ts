import type { Costs } from "#test/costs/cost-states.ts";

const wait = ["memcg_reclaim", "memcg_begin", "memcg_end"];

export const costs: Costs = {
  states: [
    { state: "below", workload: "page-cache", programs: wait },
    {
      state: "record",
      workload: "page-cache",
      // A wait comes with every thirty-second page.
      count: 2_000,
      settings: { threshold_ns: 0, limit_interval_ns: 1_000, limit_burst_ns: 1_000_000_000 },
      programs: ["memcg_end"],
    },
    { state: "below", workload: "cgroup-life", programs: ["cgroup_removed"] },
    // Last, because it takes the one token of an hour.
    {
      state: "limited",
      workload: "page-cache",
      settings: { threshold_ns: 0, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
      programs: ["memcg_end"],
    },
  ],
  notMeasured: {
    direct_begin: "the same as memcg_begin, where the whole machine is short",
    direct_end: "the same as memcg_end, where the whole machine is short",
    compaction_try: "the same as memcg_begin, where pages in a row are short",
    compaction_begin: "the same as memcg_begin, where pages in a row are short",
    compaction_end: "the same as memcg_end, where pages in a row are short",
    brake_begin: "only of a task that is about to sleep, for milliseconds or longer",
    brake_end: "only of a task that has slept for milliseconds or longer",
    brake_probe_begin: "only where the kernel refuses fentry",
    brake_probe_end: "only where the kernel refuses fexit",
    compaction_end_without_control: "only before Linux 5.17",
  },
};
