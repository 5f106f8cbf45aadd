/** Names of softirqs by number, as `/proc/softirqs` has them (softirq_to_name, kernel/softirq.c). */
const vectors = [
  "HI",
  "TIMER",
  "NET_TX",
  "NET_RX",
  "BLOCK",
  "IRQ_POLL",
  "TASKLET",
  "SCHED",
  "HRTIMER",
  "RCU",
] as const;

/** A number the kernel may add later stays a number. */
export function nameVector(vector: number): string {
  return vectors[vector] ?? String(vector);
}
