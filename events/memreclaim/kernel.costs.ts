import type { Costs } from "#test/costs/cost-states.ts";

// 32 pages a reclaim.
const pages = { count: 8_192, warmUp: 6_144 };

export const costs: Costs = {
  states: [
    { state: "below", workload: "page-cache", ...pages },
    {
      state: "limited",
      workload: "page-cache",
      ...pages,
      settings: { threshold_ns: 0, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
      programs: ["memcg_end"],
    },
    {
      state: "record",
      workload: "page-cache",
      ...pages,
      settings: { threshold_ns: 0, limit_interval_ns: 0 },
      programs: ["memcg_end"],
    },
  ],
};
