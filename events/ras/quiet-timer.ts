/** Calls back once a delay after the last touch at the latest, and never while nothing is touched. */
export class QuietTimer implements Disposable {
  readonly #callBack: () => void;
  readonly #delayMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isTouched = false;

  constructor(callBack: () => void, delayMs: () => number) {
    this.#callBack = callBack;
    this.#delayMs = delayMs;
  }

  /** A timer that runs already is not put off: it would never end in a storm. It runs once more instead. */
  touch(): void {
    if (this.#timer === undefined) this.#start();
    else this.#isTouched = true;
  }

  #start(): void {
    this.#isTouched = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const again = this.#isTouched;
      this.#callBack();
      if (again) this.#start();
    }, this.#delayMs());
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
