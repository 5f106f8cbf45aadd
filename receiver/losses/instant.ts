/** Moments that have to be understood by the next run, which may be another boot's. */

import { readClocks } from "bpf-loader-napi";

/** Both clocks at one moment. */
export interface ClockReading {
  /** Of the kernel's present run; `""` where the kernel does not say it. */
  readonly bootId: string;
  /** Nanoseconds since boot, time in suspend included. */
  readonly bootNs: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

const NS_PER_MS = 1_000_000;

export function createClockReader(bootId = ""): () => ClockReading {
  return () => {
    const { boottimeNs, realtimeNs } = readClocks();
    return { bootId, bootNs: Number(boottimeNs), wallMs: Number(realtimeNs) / NS_PER_MS };
  };
}

/** A moment of the past, by both clocks as they ran when it was written down. */
export interface NotedInstant {
  readonly bootNs: number;
  readonly wallMs: number;
}

export function noteInstant(bootNs: number, now: ClockReading): NotedInstant {
  return { bootNs, wallMs: now.wallMs - (now.bootNs - bootNs) / NS_PER_MS };
}

/**
 * The moment in nanoseconds since this boot: exact within one boot, whatever was done to the wall clock. Of another boot it
 * is negative, by the wall clock, and 0 where that says that it was after this boot began.
 */
export function recallInstant(noted: NotedInstant, isSame: boolean, now: ClockReading): number {
  if (isSame) return noted.bootNs;
  return Math.min(0, Math.round(now.bootNs - (now.wallMs - noted.wallMs) * NS_PER_MS));
}

/** A container's time since boot may begin anew in one boot of the kernel. */
export function isSameBoot(noted: ClockReading, now: ClockReading): boolean {
  return noted.bootId === now.bootId && now.bootNs >= noted.bootNs;
}
