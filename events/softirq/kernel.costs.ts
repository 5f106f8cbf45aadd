import type { Costs } from "#test/costs/cost-states.ts";

/** Each is beyond its threshold, and timed by the clock. */
const everything = { wait_threshold_ns: 0, run_threshold_ns: 0, burst_skips: 0 };

export const costs: Costs = {
  states: [
    { state: "below", workload: "tcp-round-trip" },
    {
      state: "limited",
      workload: "tcp-round-trip",
      settings: { ...everything, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
      programs: ["softirq_entry", "softirq_exit"],
    },
    {
      state: "record",
      workload: "tcp-round-trip",
      settings: { ...everything, limit_interval_ns: 0 },
      programs: ["softirq_entry", "softirq_exit"],
    },
  ],
  notMeasured: {
    read_clocks: "runs twice, at the start",
    cpuhp_enter: "runs when a CPU is taken off or comes up",
  },
};
