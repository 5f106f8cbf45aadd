/** Waiting for what was provoked, and never for a fixed time. */
import { setTimeout as sleep } from "node:timers/promises";

/** How many times slower than hardware this machine is; an emulated one sets it, so that deadlines mean the same. */
const slowness = Number(process.env["KERNTEL_TEST_SLOWNESS"] ?? 1);

/** A deadline for hardware, as it is on this machine. */
export function scaleDeadline(deadlineMs: number): number {
  return deadlineMs * slowness;
}

const DEADLINE_MS = scaleDeadline(30_000);
/** Where asking itself takes long, asking all the time would keep busy whom one waits for. */
const PAUSE_MS = scaleDeadline(20);
/** Between looks at what this process has already. */
export const SHORT_PAUSE_MS = 20;

/** Asks again until the answer is not `undefined`; throws with `what`, as it is then, when it takes too long. */
export async function waitUntil<Value>(
  what: string | (() => string),
  ask: () => Value | undefined | Promise<Value | undefined>,
  { deadlineMs = DEADLINE_MS, pauseMs = PAUSE_MS }: { deadlineMs?: number; pauseMs?: number } = {},
): Promise<Value> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) {
      const missed = typeof what === "string" ? what : what();
      throw new Error(`waited ${deadlineMs / 1_000} s for ${missed}`);
    }
    await sleep(pauseMs);
  }
}
