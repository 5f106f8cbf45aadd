import type { Costs } from "#test/costs/cost-states.ts";

/** Tenants have their shares, and nobody reaches them. */
const wideLimit = { limit_interval_ns: 1_000, limit_burst_ns: 1_000_000_000 };

export const costs: Costs = {
  states: [
    // All of one kind: after the first they are counted.
    { state: "below", workload: "closed-port" },
    { state: "record", workload: "closed-port", settings: { window: 0, ...wideLimit } },
    // Each in a network namespace of its own, so that each is the first of its kind.
    {
      state: "record",
      workload: "closed-port-new-namespace",
      count: 50,
      warmUp: 5,
      settings: wideLimit,
    },
    // Last, because it takes the one token of an hour.
    {
      state: "limited",
      workload: "closed-port",
      settings: { window: 0, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
    },
  ],
  notMeasured: {
    flush_windows: "runs once for all that was counted in a window",
    trap_report: "needs a switch; what one brings to the kernel is limited by its policers",
  },
};
