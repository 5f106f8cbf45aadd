import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { ClockWatchHandle } from "./native.ts";
import { forgetReader, registerReader } from "./ring-dispatch.ts";

export interface Clocks {
  readonly realtimeNs: bigint;
  /** Counts time asleep; what `bpf_ktime_get_boot_ns` returns. */
  readonly boottimeNs: bigint;
  /** Stops while asleep; what `bpf_ktime_get_ns` returns. */
  readonly monotonicNs: bigint;
  /** Real time without leap seconds; what `bpf_ktime_get_tai_ns` returns. */
  readonly taiNs: bigint;
}

/** The clocks at one moment, some ten nanoseconds apart: the offset between kernel times and wall time. */
export function readClocks(): Clocks {
  const times = new BigUint64Array(4);
  native().clock_read(times);
  const [realtimeNs = 0n, boottimeNs = 0n, monotonicNs = 0n, taiNs = 0n] = times;
  return { realtimeNs, boottimeNs, monotonicNs, taiNs };
}

/** Nanoseconds of one jiffy, the unit of many of the kernel's times (1 / CONFIG_HZ). */
export function readTickNs(): number {
  return native().clock_tick();
}

const failed = {
  code: "BPF_CLOCK_FAILED",
  phase: "clock",
  failure: "Steps of the wall clock could not be watched",
} as const;

/** Knows when the wall clock was set: by hand, by a step of NTP, by waking up, or by a new TAI offset. */
export class ClockSteps implements Disposable {
  readonly #id: number;
  readonly #watch: ClockWatchHandle;
  #isClosed = false;

  /** `onStep` is called soon after a step, unless `wasSet` told it before. */
  constructor(onStep: () => void) {
    this.#id = registerReader(() => {
      if (this.wasSet()) onStep();
    });
    try {
      this.#watch = attempt(failed, () => native().clock_watch(this.#id));
    } catch (error) {
      forgetReader(this.#id);
      throw error;
    }
  }

  /** Whether the clock was set since the last question, known at once. */
  wasSet(): boolean {
    return !this.#isClosed && native().clock_was_set(this.#watch);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    forgetReader(this.#id);
    native().clock_unwatch(this.#watch);
  }
}
