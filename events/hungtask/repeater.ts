/** Something that is done again and again, as often as was said last. */
export class Repeater implements Disposable {
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `fail` gets what `act` throws, and the next time comes all the same. */
  constructor(act: () => void, fail: (error: unknown) => void) {
    this.#act = () => {
      try {
        act();
      } catch (error) {
        fail(error);
      }
    };
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** From now on; 0 ends it. */
  every(intervalMs: number): void {
    this.stop();
    if (intervalMs > 0) this.#timer = setInterval(this.#act, intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
