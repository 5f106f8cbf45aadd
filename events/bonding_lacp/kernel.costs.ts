import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [],
  notMeasured: {
    ad_rx_machine: "only there while there is an 802.3ad bond; then ten times a second for each port",
  },
};
