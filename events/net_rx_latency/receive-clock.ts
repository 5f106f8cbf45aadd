/** The way from the clock that the kernel half reads to real time, kept right when somebody sets the wall clock. */
import type { KernelSettings } from "#receiver/tracing/contract.ts";
import { ClockSteps, readClocks } from "#receiver/tracing/kernel-clock.ts";
import type { Clocks } from "#receiver/tracing/kernel-clock.ts";
import type { NetRxLatencyRecord } from "./record.generated.ts";

export interface ReceiveClockOptions {
  /** The kernel half reads TAI, and not monotonic time. */
  readonly usesTai: boolean;
  /** Takes new settings of the kernel half. */
  readonly configure: (settings: KernelSettings) => void;
  readonly read?: () => Clocks;
  readonly watch?: (onStep: () => void) => Pick<ClockSteps, "wasSet"> & Disposable;
}

export class ReceiveClock implements Disposable {
  readonly #options: ReceiveClockOptions;
  readonly #read: () => Clocks;
  readonly #steps: Pick<ClockSteps, "wasSet"> & Disposable;
  /** Real time of the last step: what was stamped before it was stamped by another clock. */
  #trustedSinceNs = 0;

  constructor(options: ReceiveClockOptions) {
    this.#options = options;
    this.#read = options.read ?? readClocks;
    const { watch = (onStep): ClockSteps => new ClockSteps(onStep) } = options;
    this.#steps = watch(() => {
      this.#takeStep();
    });
  }

  settings(): KernelSettings {
    const { realtimeNs, taiNs, monotonicNs } = this.#read();
    const offsetNs = realtimeNs - (this.#options.usesTai ? taiNs : monotonicNs);
    return { clock_offset_ns: BigInt.asUintN(64, offsetNs) };
  }

  /** Whether the packet was stamped by the clock that its age was measured with. */
  trusts({ clock, stamp }: Pick<NetRxLatencyRecord, "clock" | "stamp">): boolean {
    // The record may be here before the news of the step.
    if (this.#steps.wasSet()) this.#takeStep();
    return clock === "monotonic" || stamp >= this.#trustedSinceNs;
  }

  #takeStep(): void {
    this.#trustedSinceNs = Number(this.#read().realtimeNs);
    this.#options.configure(this.settings());
  }

  [Symbol.dispose](): void {
    this.#steps[Symbol.dispose]();
  }
}
