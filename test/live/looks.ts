/**
 * Looks at the local log while a test waits: each costs two processes of an emulated machine a tenth of a second, and most find what the one
 * before found. The program shows each record on its console a moment before it is stored.
 */
import { scaleDeadline } from "./wait-until.ts";

/** From the console to the log. */
const STORED_AFTER_MS = scaleDeadline(100);
/** An answer is asked for again after that, whatever the console shows. */
const STALE_AFTER_MS = scaleDeadline(500);

interface Answer<Found> {
  readonly atMs: number;
  readonly found: Found;
}

export class Looks<Found> {
  readonly #answers = new Map<string, Answer<Found>>();
  #shown = 0;
  #shownAtMs = 0;

  /** `shown`: length of what the console has shown. */
  async look(question: string, shown: number, ask: () => Promise<Found>): Promise<Found> {
    const nowMs = performance.now();
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#shownAtMs = nowMs;
    }
    const last = this.#answers.get(question);
    const isSettled = last !== undefined && last.atMs > this.#shownAtMs + STORED_AFTER_MS;
    if (isSettled && nowMs < last.atMs + STALE_AFTER_MS) return last.found;
    const found = await ask();
    this.#answers.set(question, { atMs: nowMs, found });
    return found;
  }
}
