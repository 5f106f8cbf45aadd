import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [],
  notMeasured: { name_addresses: "runs once for the stack of a record" },
};
