import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    // Each is the first victim of a shortage.
    { state: "record", workload: "out-of-memory", count: 10, warmUp: 2 },
    // All are of one shortage: compared and counted, and now and then described, when one held a page more.
    { state: "below", workload: "out-of-memory-again", count: 10, warmUp: 2 },
  ],
  notMeasured: { report_shortages: "runs after a shortage began, and each second while one is open" },
};
