import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    // No segment of TCP: nothing that could come again.
    { state: "below", workload: "closed-port" },
    // The receiver's socket filter drops every segment, so that each is remembered here and sent again.
    {
      state: "record",
      workload: "retransmission",
      count: 100,
      warmUp: 50,
      settings: { limit_interval_ns: 1_000, limit_burst_ns: 1_000_000_000 },
    },
  ],
};
