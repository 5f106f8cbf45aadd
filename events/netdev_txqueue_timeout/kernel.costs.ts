import type { Costs } from "#test/costs/cost-states.ts";

const once = "runs when a queue has stood for seconds, in the path of nothing";

export const costs: Costs = {
  states: [],
  notMeasured: { net_dev_xmit_timeout: once, dql_stall_detected: once },
};
