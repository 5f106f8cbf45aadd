/** The kernel's clocks, for events that compare their records with them. */
import { readClocks } from "bpf-loader-napi";

export { ClockSteps, keepReceiveTimestamps, readClocks, readTickNs } from "bpf-loader-napi";
export type { Clocks } from "bpf-loader-napi";

/** Nanoseconds since boot (CLOCK_BOOTTIME), as in the records. */
export function readBootNs(): number {
  return Number(readClocks().boottimeNs);
}
