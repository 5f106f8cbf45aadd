import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [{ state: "record", workload: "out-of-memory", count: 10, warmUp: 2 }],
};
