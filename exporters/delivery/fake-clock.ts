/** A clock for the tests: time passes only by sleeping, and a sleep ends in the next turn. */
import type { Clock } from "../clock.ts";

export const HOUR_MS = 3_600_000;

/** Time passes only by sleeping; `slept` has every sleep that was waited for to its end. */
export function createFakeClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener("abort", () => resolve());
        // Deadlines of an hour or more are for the test to not reach.
        if (delayMs >= HOUR_MS) return;
        setImmediate(() => {
          if (signal?.aborted) return;
          slept.push(delayMs);
          resolve();
        });
      }),
  };
}
