import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    // What is dropped is no TCP: one byte of it is looked at.
    { state: "below", workload: "closed-port", programs: ["drop_with_reason"] },
    {
      state: "limited",
      workload: "retransmission",
      count: 200,
      settings: { limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
      programs: ["retransmit"],
    },
    {
      state: "record",
      workload: "retransmission",
      settings: { limit_interval_ns: 0 },
      programs: ["retransmit"],
    },
  ],
  notMeasured: { retransmit_synack: "as retransmit, and says less" },
};
