import type { Costs } from "#test/costs/cost-states.ts";

const say = "echo on >/proc/sys/kernel/printk_devkmsg; echo";

export const costs: Costs = {
  states: [
    // Milliseconds: a tick every four of them.
    { state: "below", workload: "spin", count: 400, programs: ["hrtimer_expire_exit"] },
    {
      state: "below",
      workload: "command",
      command: `${say} 'a line of the kernel log' >/dev/kmsg`,
      count: 20,
      warmUp: 2,
      programs: ["console"],
    },
    // After the first, which is a record.
    {
      state: "limited",
      workload: "command",
      command: `${say} 'watchdog: BUG: soft lockup' >/dev/kmsg`,
      count: 20,
      warmUp: 2,
      programs: ["console"],
    },
  ],
  notMeasured: {
    find_queue: "runs once at the start",
    cpuhp_enter: "runs when a CPU is taken off or comes up",
    add_taint: "runs when something taints the kernel",
  },
};
