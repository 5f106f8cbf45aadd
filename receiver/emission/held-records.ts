/** Records that wait a moment for the name of their container, in the order of their event. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { About } from "../containers/resolved-subject.ts";

/** A record is some 2 KiB: beyond this a burst goes with what is known. */
const HELD = 4_096;

export interface Held {
  readonly about: About;
  /** Called once. */
  readonly send: () => void;
}

export interface HeldCounts {
  /** Waiting now. */
  readonly held: number;
  /** What they waited for came. */
  readonly answered: number;
  /** It did not come in time. */
  readonly expired: number;
  /** There was no room to wait. */
  readonly crowded: number;
}

interface Waiting extends Held {
  readonly untilMs: number;
}

export class HeldRecords {
  #waitMs: number;
  readonly #nowMs: () => number;
  readonly #byEvent = new Map<string, Waiting[]>();
  /** The timer is for records of all events. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;
  #held = 0;
  #answered = 0;
  #expired = 0;
  #crowded = 0;

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(waitMs: number, nowMs: () => number = (): number => performance.now()) {
    this.#waitMs = waitMs;
    this.#nowMs = nowMs;
  }

  /** Records that wait already keep their time, but with 0 nothing waits. */
  setWait(waitMs: number): void {
    this.#waitMs = waitMs;
    if (waitMs === 0) this.sendAll();
  }

  /** Sends at once what nothing is awaited for, unless an earlier record of the same event still waits. */
  put(event: string, held: Held): void {
    const isHeld = held.about.isPending || (this.#byEvent.get(event)?.length ?? 0) > 0;
    if (!isHeld || this.#waitMs === 0) {
      held.send();
      return;
    }
    const queue = this.#byEvent.get(event) ?? [];
    this.#byEvent.set(event, queue);
    if (this.#held >= HELD) {
      this.#crowded++;
      if (!this.#makeRoomFor(queue)) {
        this.#sendAll(event);
        held.send();
        return;
      }
    }
    queue.push({ ...held, untilMs: this.#nowMs() + this.#waitMs });
    this.#held++;
    this.#timer ??= this.#releaseIn(this.#waitMs);
  }

  /** Sends what need not wait any longer. */
  release(): void {
    if (this.#held === 0) return;
    const nowMs = this.#nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#byEvent.values()) {
      const end = queue.findIndex(({ about, untilMs }) => about.isPending && untilMs > nowMs);
      for (const waiting of queue.splice(0, end === -1 ? queue.length : end)) this.#send(waiting);
      nextMs = Math.min(nextMs, queue[0]?.untilMs ?? nextMs);
    }
    clearTimeout(this.#timer);
    this.#timer =
      nextMs === Number.POSITIVE_INFINITY
        ? undefined
        : this.#releaseIn(Math.max(Math.ceil(nextMs - nowMs), 1));
  }

  #releaseIn(delayMs: number): NodeJS.Timeout {
    return this.#inOwnContext(() =>
      setTimeout(() => {
        this.#timer = undefined;
        this.release();
      }, delayMs),
    );
  }

  /** For the end: everything goes with what is known. */
  sendAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const event of this.#byEvent.keys()) this.#sendAll(event);
  }

  counts(): HeldCounts {
    return {
      held: this.#held,
      answered: this.#answered,
      expired: this.#expired,
      crowded: this.#crowded,
    };
  }

  /**
   * Where the event of this queue holds less than its share, the one that holds most sends its oldest record: no event takes all room.
   */
  #makeRoomFor(queue: readonly Waiting[]): boolean {
    const holding = [...this.#byEvent.values()].filter((each) => each.length > 0 || each === queue);
    if (queue.length + 1 > HELD / holding.length) return false;
    const most = holding.reduce((left, right) => (right.length > left.length ? right : left));
    const oldest = most.shift();
    if (oldest !== undefined) this.#send(oldest);
    return oldest !== undefined;
  }

  #sendAll(event: string): void {
    for (const waiting of this.#byEvent.get(event)?.splice(0) ?? []) this.#send(waiting);
  }

  #send(waiting: Waiting): void {
    this.#held--;
    if (waiting.about.isPending) this.#expired++;
    else this.#answered++;
    waiting.send();
  }
}
