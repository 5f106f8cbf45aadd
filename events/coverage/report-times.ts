/** When the next record may go: a few at once, then one a minute (the generic cell rate algorithm, ITU-T I.371, annex A). */

const BURST = 3;
const INTERVAL_MS = 60_000;

export class ReportTimes {
  #dueMs = Number.NEGATIVE_INFINITY;

  /** How long a record has to wait. `nowMs`: of a clock that never goes back. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#dueMs - (BURST - 1) * INTERVAL_MS - nowMs);
  }

  note(nowMs: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs) + INTERVAL_MS;
  }
}
