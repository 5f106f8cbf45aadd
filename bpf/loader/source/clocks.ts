import { native } from "./native.ts";

export interface Clocks {
  readonly realtimeNs: bigint;
  /** Counts time asleep; what `bpf_ktime_get_boot_ns` returns. */
  readonly boottimeNs: bigint;
  /** Stops while asleep; what `bpf_ktime_get_ns` returns. */
  readonly monotonicNs: bigint;
}

/** The clocks at one moment, some ten nanoseconds apart: the offset between kernel times and wall time. */
export function readClocks(): Clocks {
  const times = new BigUint64Array(3);
  native().clock_read(times);
  const [realtimeNs = 0n, boottimeNs = 0n, monotonicNs = 0n] = times;
  return { realtimeNs, boottimeNs, monotonicNs };
}
