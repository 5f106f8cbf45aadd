/** Time as the exporters see it, so that tests need not wait; only ever durations, because wall clocks step. */
import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** Resolves after `delayMs`, at most `LONGEST_SLEEP_MS`, or at once when the signal aborts. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/**
 * No sleep is longer, whatever a backend or a file says. Node fires a timer beyond 2^31-1 ms after 1 ms, which made a busy loop of a
 * Retry-After of 30 days; and one of 14 days outlasts the retention of the local log.
 */
export const LONGEST_SLEEP_MS = 300_000;

/** The delay that is slept for a wanted one: between 0 and `LONGEST_SLEEP_MS`, also for what is no number. */
export function limitDelayMs(delayMs: number): number {
  return delayMs >= 0 ? Math.min(delayMs, LONGEST_SLEEP_MS) : 0;
}

export const systemClock: Clock = {
  sleep: async (delayMs, signal) => {
    try {
      await delay(limitDelayMs(delayMs), undefined, signal ? { signal } : {});
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
