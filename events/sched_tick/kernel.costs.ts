import type { Costs } from "#test/costs/cost-states.ts";

/** Every tick is a gap. */
const everything = { threshold_ns: 0, period_ns: 0 };

export const costs: Costs = {
  states: [
    { state: "below", workload: "spin" },
    {
      state: "limited",
      workload: "spin",
      settings: { ...everything, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
    },
    { state: "record", workload: "spin", settings: { ...everything, limit_interval_ns: 0 } },
  ],
  notMeasured: {
    find_queue: "runs once, at the start",
    read_clocks: "runs twice, at the start",
  },
};
