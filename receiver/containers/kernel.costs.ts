import type { Costs } from "#test/costs/cost-states.ts";

export const costs: Costs = {
  states: [
    { state: "record", workload: "cgroup-life", count: 100, warmUp: 10 },
    { state: "below", workload: "fork-exec", count: 300 },
  ],
  notMeasured: {
    tell_processes: "runs once at the start, for every process",
    cgroup_rename: "as cgroup_mkdir, and rarer",
  },
};
