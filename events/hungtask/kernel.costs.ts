import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    {
      state: "record",
      workload: "hung-task",
      count: 20,
      warmUp: 0,
      settings: { fold_ns: 0, limit_interval_ns: 0 },
    },
  ],
  notMeasured: {
    scan: "runs for every thread once in a while, not in the path of anything",
    tell_folded: "runs once for what was folded",
  },
};
