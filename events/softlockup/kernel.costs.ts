import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    { state: "below", workload: "spin", programs: ["hrtimer_expire_exit"] },
    {
      state: "below",
      workload: "command",
      command: "echo kerntel > /dev/kmsg",
      count: 100,
      programs: ["console"],
    },
  ],
  notMeasured: { find_queue: "runs once, at the start" },
};
