/** Lookups on their way to one source, bounded: what root made has a lane of its own beside what users made. */
import type { Cgroup } from "./cgroup.ts";
import type { AskedSource } from "./sources/asked-source.ts";
import type { Wanted } from "./sources/source.ts";

export interface Lookup {
  readonly cgroup: Cgroup;
  readonly wanted: Wanted;
  /** How often it was sent before. */
  attempt: number;
  /** Whether the source will know more of it soon. */
  isPartial: boolean;
  /** Whether it is one of `cgroup.askedCount`. */
  isWaitedFor: boolean;
}

interface LaneLimits {
  /** In one query of the source: also the most that are in flight there. */
  readonly batch: number;
  readonly waiting: number;
  /** Between the starts of two queries on average, where the source itself has no longer one. */
  readonly intervalMs: number;
  /** Queries that may start at once after a rest. */
  readonly burst: number;
}

/**
 * A runtime makes the directories of one container within milliseconds, and the container may be gone after some tens of them: the
 * query about the last directory must not wait for the interval after that about the first.
 */
const ofRoot: LaneLimits = { batch: 64, waiting: 1_024, intervalMs: 0, burst: 4 };
/** With all of them together a source has 16 lookups a second. */
const ofUsers: LaneLimits = { batch: 8, waiting: 128, intervalMs: 500, burst: 1 };

interface LaneOptions {
  /** Resolves when the source has answered. */
  readonly send: (lookups: readonly Lookup[]) => Promise<void>;
  readonly nowMs: () => number;
}

export class LookupLane {
  readonly source: AskedSource;
  readonly #limits: LaneLimits;
  readonly #options: LaneOptions;
  readonly #waiting: Lookup[] = [];
  #againCount = 0;
  #isRunning = false;
  /** When the next query would be due if queries came evenly: the generic cell rate algorithm (ITU-T I.371, annex A). */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(source: AskedSource, limits: LaneLimits, options: LaneOptions) {
    this.source = source;
    this.#limits = limits;
    this.#options = options;
  }

  /** False where there is no room. */
  put(lookup: Lookup): boolean {
    if (this.#waiting.length >= this.#limits.waiting) return false;
    this.#waiting.push(lookup);
    if (!this.#isRunning) this.#runSoon();
    return true;
  }

  /** Calls `act` after so long; false where too many wait for that. */
  putLater(delayMs: number, act: () => void): boolean {
    if (this.#againCount >= this.#limits.waiting) return false;
    this.#againCount++;
    setTimeout(() => {
      this.#againCount--;
      act();
    }, delayMs).unref();
    return true;
  }

  /** All that wait, for a source that is closed. */
  takeAll(): readonly Lookup[] {
    return this.#waiting.splice(0);
  }

  get #intervalMs(): number {
    return Math.max(this.#limits.intervalMs, this.source.intervalMs);
  }

  /** What comes until then is in the same query. */
  #runSoon(): void {
    this.#isRunning = true;
    const delayMs = this.#dueMs - (this.#limits.burst - 1) * this.#intervalMs - this.#options.nowMs();
    const run = (): void => void this.#run();
    if (delayMs <= 0) setImmediate(run);
    else setTimeout(run, Math.ceil(delayMs)).unref();
  }

  async #run(): Promise<void> {
    this.#dueMs = Math.max(this.#dueMs, this.#options.nowMs()) + this.#intervalMs;
    try {
      await this.#options.send(this.#waiting.splice(0, this.#limits.batch));
    } finally {
      // Also after an answer that made no sense.
      this.#isRunning = false;
      if (this.#waiting.length > 0) this.#runSoon();
    }
  }
}

/** The two lanes to one source. */
export class SourceLanes {
  readonly #ofRoot: LookupLane;
  readonly #ofUsers: LookupLane;

  constructor(source: AskedSource, options: LaneOptions) {
    this.#ofRoot = new LookupLane(source, ofRoot, options);
    this.#ofUsers = new LookupLane(source, ofUsers, options);
  }

  laneOf({ isUsers }: Cgroup): LookupLane {
    return isUsers ? this.#ofUsers : this.#ofRoot;
  }

  takeAll(): readonly Lookup[] {
    return [...this.#ofRoot.takeAll(), ...this.#ofUsers.takeAll()];
  }
}
