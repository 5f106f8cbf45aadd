import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    {
      state: "limited",
      workload: "closed-port",
      settings: { limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
    },
    { state: "record", workload: "closed-port", settings: { limit_interval_ns: 0 } },
  ],
};
