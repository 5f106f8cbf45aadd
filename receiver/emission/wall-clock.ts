/** Kernel time to wall time, following steps of the wall clock. */
import { readClocks } from "bpf-loader-napi";
import type { HrTime } from "@opentelemetry/api";

const NS_PER_SECOND = 1_000_000_000;

export class WallClock {
  #offset: HrTime = [0, 0];

  constructor() {
    this.refresh();
  }

  /** Reads how far the wall clock is from boot time; cheap enough for every batch of records. */
  refresh(): void {
    const { realtimeNs, boottimeNs } = readClocks();
    const offsetNs = realtimeNs - boottimeNs;
    this.#offset = [Number(offsetNs / BigInt(NS_PER_SECOND)), Number(offsetNs % BigInt(NS_PER_SECOND))];
  }

  /** Wall time of CLOCK_BOOTTIME nanoseconds. */
  at(bootNs: number): HrTime {
    const seconds = Math.floor(bootNs / NS_PER_SECOND);
    const ns = this.#offset[1] + (bootNs - seconds * NS_PER_SECOND);
    const carry = Math.floor(ns / NS_PER_SECOND);
    return [this.#offset[0] + seconds + carry, ns - carry * NS_PER_SECOND];
  }

  /** Wall time now, to the nanosecond. */
  now(): HrTime {
    const { realtimeNs } = readClocks();
    return [Number(realtimeNs / BigInt(NS_PER_SECOND)), Number(realtimeNs % BigInt(NS_PER_SECOND))];
  }
}
