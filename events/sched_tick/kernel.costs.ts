import type { Costs } from "#test/costs/cost-states.ts";

// Milliseconds.
const time = { count: 400, warmUp: 20 };

export const costs: Costs = {
  states: [
    { state: "below", workload: "spin", ...time },
    {
      state: "record",
      workload: "spin",
      ...time,
      settings: {
        threshold_ns: 0,
        notice_ns: 0,
        period_ns: 0,
        limit_interval_ns: 1_000,
        limit_burst_ns: 1_000_000_000,
      },
    },
  ],
  notMeasured: {
    find_queue: "runs once at the start",
    read_clocks: "runs twice at the start",
    cpuhp_enter: "runs when a CPU is taken off or comes up",
  },
};
