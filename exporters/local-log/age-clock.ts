/**
 * The clock by which segments grow old. It runs with the time since boot, which nobody can set, so that a step of the
 * wall clock neither destroys what is young nor keeps what is old. The wall clock is used for one thing only: how
 * long the machine was off. It is believed when it has run for an hour, and then the least that it said in that hour.
 */
import { uptime } from "node:os";
import { readBootId } from "../boot-id.ts";

export interface ClockReadings {
  /** Of the kernel's present run; `""` where the kernel does not say it. */
  readonly bootId: string;
  /** Since boot, time in suspend included. */
  readonly bootMs: number;
  /** Since 1970. */
  readonly wallMs: number;
}

/** What has to outlive the process. */
export interface NotedAge extends ClockReadings {
  readonly ageMs: number;
  /** As it was noted before the machine was off, while it is not settled for how long that was. */
  readonly before?: { readonly ageMs: number; readonly wallMs: number };
}

/** A clock that is wrong at boot is set by then: NTP takes minutes. */
const SETTLING_MS = 3_600_000;
/** By so much, at most, the log forgets to grow old where a machine loses its power. */
const NOTE_EVERY_MS = 3_600_000;
/** Slewing, and differences between readings, stay below this. */
const STEP_MS = 10_000;

/** The machine was off for an unknown time. */
interface Gap {
  before: { readonly ageMs: number; readonly wallMs: number };
  readonly settledAtMs: number;
  leastMs: number;
}

export class AgeClock {
  readonly #read: () => ClockReadings;
  /** The age at which the time since boot was 0, were it not for the gap. */
  #offsetMs: number;
  #gap: Gap | undefined;
  #noted: NotedAge | undefined;

  constructor(noted: NotedAge | undefined, read: () => ClockReadings = readSystemClocks) {
    this.#read = read;
    this.#noted = noted;
    const readings = read();
    const { bootMs } = readings;
    if (noted === undefined) {
      this.#offsetMs = -bootMs;
      return;
    }
    const isSame = isSameBoot(noted, readings);
    this.#offsetMs = noted.ageMs - (isSame ? noted.bootMs : bootMs);
    const before = noted.before ?? (isSame ? undefined : noted);
    if (before) this.#gap = { before, settledAtMs: this.#offsetMs + bootMs + SETTLING_MS, leastMs: Infinity };
  }

  /** The wall clock was here once, as a stored record proves, whatever it said when it was noted. */
  noteWall(wallMs: number): void {
    if (this.#gap === undefined || wallMs <= this.#gap.before.wallMs) return;
    this.#gap.before = { ...this.#gap.before, wallMs };
    this.#gap.leastMs = Infinity;
  }

  /** Milliseconds on the log's own time line; never less than before. */
  now(): number {
    const { bootMs, wallMs } = this.#read();
    const ageMs = this.#offsetMs + bootMs;
    if (this.#gap === undefined) return ageMs;
    const { before, settledAtMs } = this.#gap;
    const gapMs = Math.max(0, wallMs - before.wallMs - (ageMs - before.ageMs));
    this.#gap.leastMs = Math.min(this.#gap.leastMs, gapMs);
    if (ageMs < settledAtMs) return ageMs;
    this.#offsetMs += this.#gap.leastMs;
    this.#gap = undefined;
    return this.#offsetMs + bootMs;
  }

  /** What the next process has to know. */
  note(): NotedAge {
    const ageMs = this.now();
    const before = this.#gap?.before;
    this.#noted = { ...this.#read(), ageMs, ...(before ? { before } : {}) };
    return this.#noted;
  }

  /** Whether what was noted last would lead the next boot astray: it is old, the clock was set, or the gap is settled. */
  get isNoteStale(): boolean {
    const { bootMs, wallMs, bootId } = this.#read();
    const noted = this.#noted;
    if (noted === undefined) return true;
    // In another boot than the noted one, what was noted is what the gap is measured from.
    if (this.#gap !== undefined) return false;
    const passedMs = bootMs - noted.bootMs;
    const isStepped = Math.abs(wallMs - noted.wallMs - passedMs) > STEP_MS;
    return noted.before !== undefined || noted.bootId !== bootId || isStepped || passedMs > NOTE_EVERY_MS;
  }
}

/** A container's time since boot may begin anew in one boot of the kernel. */
function isSameBoot(noted: ClockReadings, now: ClockReadings): boolean {
  return now.bootId !== "" && noted.bootId === now.bootId && now.bootMs >= noted.bootMs;
}

function readSystemClocks(): ClockReadings {
  // Without it, each start of the log counts as one of the machine.
  bootId ??= readBootId() ?? "";
  return { bootId, bootMs: uptime() * 1000, wallMs: Date.now() };
}

let bootId: string | undefined;
