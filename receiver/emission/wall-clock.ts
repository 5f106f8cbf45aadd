/** Kernel time to wall time, following steps of the wall clock. */
import { readClocks } from "bpf-loader-napi";
import type { HrTime } from "@opentelemetry/api";

const NS_PER_SECOND = 1_000_000_000;

/** How far the wall clock may drift from the noted offset before later creation times use a new one. */
const DRIFT_NS = 100_000_000n;

/** A clock that is set again and again must not take memory; a step a minute fills this in two hours. */
const MOST_OFFSETS = 128;

interface NotedOffset {
  /** Boot time from which on processes are created under this offset, in nanoseconds. */
  readonly sinceNs: number;
  readonly offset: HrTime;
}

type ReadOffset = () => { readonly realtimeNs: bigint; readonly boottimeNs: bigint };

export class WallClock {
  readonly #read: ReadOffset;
  #offset: HrTime;
  /** Ascending; the first one holds for everything before it as well. */
  readonly #noted: NotedOffset[];
  #notedNs: bigint;
  #refreshedNs: number;

  constructor(read: ReadOffset = readClocks) {
    this.#read = read;
    const { realtimeNs, boottimeNs } = read();
    this.#notedNs = realtimeNs - boottimeNs;
    this.#offset = toHrTime(this.#notedNs);
    this.#refreshedNs = Number(boottimeNs);
    this.#noted = [{ sinceNs: 0, offset: this.#offset }];
  }

  /** Reads how far the wall clock is from boot time; cheap enough for every batch of records. */
  refresh(): void {
    const { realtimeNs, boottimeNs } = this.#read();
    const offsetNs = realtimeNs - boottimeNs;
    this.#offset = toHrTime(offsetNs);
    const driftNs = offsetNs - this.#notedNs;
    if (driftNs > DRIFT_NS || driftNs < -DRIFT_NS) this.#note(offsetNs);
    this.#refreshedNs = Number(boottimeNs);
  }

  /**
   * Starting at the previous refresh: a record that was read by then may have named any process that was older, and
   * none that was younger.
   */
  #note(offsetNs: bigint): void {
    this.#notedNs = offsetNs;
    this.#noted.push({ sinceNs: this.#refreshedNs, offset: this.#offset });
    // Most processes are older than Kerntel, so the first offset stays.
    if (this.#noted.length > MOST_OFFSETS) this.#noted.splice(1, 1);
  }

  /** Wall time of CLOCK_BOOTTIME nanoseconds. */
  at(bootNs: number): HrTime {
    return addNs(this.#offset, bootNs);
  }

  /**
   * Wall time at which a process was created, from its start in CLOCK_BOOTTIME nanoseconds. Unlike `at`, the same
   * start gives the same time for as long as this object lives, because with the pid it is the identity of a process.
   */
  createdAt(startNs: number): HrTime {
    const noted = this.#noted.findLast(({ sinceNs }) => sinceNs < startNs) ?? this.#noted[0];
    return addNs(noted?.offset ?? this.#offset, startNs);
  }

  /** Wall time now, to the nanosecond. */
  now(): HrTime {
    return toHrTime(this.#read().realtimeNs);
  }
}

function toHrTime(ns: bigint): HrTime {
  return [Number(ns / BigInt(NS_PER_SECOND)), Number(ns % BigInt(NS_PER_SECOND))];
}

function addNs([seconds, ns]: HrTime, addedNs: number): HrTime {
  const addedSeconds = Math.floor(addedNs / NS_PER_SECOND);
  const sum = ns + (addedNs - addedSeconds * NS_PER_SECOND);
  const carry = Math.floor(sum / NS_PER_SECOND);
  return [seconds + addedSeconds + carry, sum - carry * NS_PER_SECOND];
}
