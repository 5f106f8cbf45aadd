/** The kernel's clocks, for events that compare their records with them. */
import { readClocks } from "bpf-loader-napi";

export { readTickNs } from "bpf-loader-napi";

/** Nanoseconds since boot (CLOCK_BOOTTIME), as in the records. */
export function readBootNs(): number {
  return Number(readClocks().boottimeNs);
}
