/** Time as the exporters see it, so that tests need not wait; only ever durations, because wall clocks step. */
import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** Resolves after `delayMs`, or at once when the signal aborts. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  sleep: async (delayMs, signal) => {
    try {
      await delay(delayMs, undefined, signal ? { signal } : {});
    } catch {
      // Only an abort ends here, and an abort is a normal end of a sleep.
    }
  },
};

/** Exponential backoff with full jitter: between 0 and `baseMs` doubled at each attempt, at most `maxMs`. */
export function computeBackoffMs(
  attempt: number,
  range: { readonly baseMs: number; readonly maxMs: number },
  random: () => number = Math.random,
): number {
  return random() * Math.min(range.maxMs, range.baseMs * 2 ** Math.min(attempt, 30));
}
