import type { Costs } from "#test/costs/cost-states.ts";

/** Every packet is late, and described: nobody reaches a share of the limit. */
const everything = {
  to_stack_threshold_ns: 0,
  to_transport_threshold_ns: 0,
  to_user_threshold_ns: 0,
  limit_interval_ns: 1_000,
  limit_burst_ns: 1_000_000_000,
};

export const costs: Costs = {
  states: [
    { state: "below", workload: "tcp-round-trip" },
    { state: "below", workload: "datagram-round-trip" },
    { state: "record", workload: "tcp-round-trip", settings: everything },
    { state: "record", workload: "datagram-round-trip", settings: everything },
    // Last, because it takes the one token of an hour.
    {
      state: "limited",
      workload: "tcp-round-trip",
      settings: { ...everything, limit_interval_ns: 3_600_000_000_000, limit_burst_ns: 0 },
    },
  ],
  notMeasured: {
    read_clocks: "runs twice, at the start",
    udp_data_ready: "only where the kernel refuses fentry",
    udp_was_read: "only where the kernel refuses fentry",
  },
};
