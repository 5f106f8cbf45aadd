/** Restarts a part after its errors: soon after the first, then after longer and longer waits, once for all that came meanwhile. */

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 300_000;

export class PacedRestart implements Disposable {
  readonly #act: () => void;
  readonly #firstDelayMs: number;
  #delayMs = 0;
  #restartedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(act: () => void, firstDelayMs: number = FIRST_DELAY_MS) {
    this.#act = act;
    this.#firstDelayMs = firstDelayMs;
  }

  /** Restarts in a while, unless that is on its way already. */
  request(): void {
    if (this.#isOver || this.#timer !== undefined) return;
    const isFirst = performance.now() - this.#restartedAtMs > LONGEST_DELAY_MS;
    this.#delayMs = isFirst ? this.#firstDelayMs : Math.min(2 * this.#delayMs, LONGEST_DELAY_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#restartedAtMs = performance.now();
      this.#act();
    }, this.#delayMs).unref();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
