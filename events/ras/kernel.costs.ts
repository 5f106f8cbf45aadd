import type { Costs } from "#test/costs/cost-states.ts";

const once = "runs when the hardware reports an error, in the path of nothing";

export const costs: Costs = {
  states: [],
  notMeasured: {
    mce_record: once,
    mc_event: once,
    non_standard_event: once,
    arm_event: once,
    arm_event_with_severity: once,
    aer_event: once,
    memory_failure_event: once,
    extlog_mem_event: once,
  },
};
