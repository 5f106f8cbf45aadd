/** The windows in which drops are counted by kind: one begins with a drop, and nothing ticks while nothing drops. */
import type { LoadedEvent } from "#receiver/tracing/contract.ts";

/** Programs that still count in the window that ended are done by then. */
const GRACE_MS = 250;
/** The ring was full: its reader needs a moment. */
const RETRY_MS = 100;

/** What `DropWindows` needs of the kernel half. */
export type WindowedKernelHalf = Pick<LoadedEvent, "configure" | "run" | "onDetached">;

export class DropWindows {
  readonly #kernel: WindowedKernelHalf;
  readonly #signal: AbortSignal;
  #lengthMs: number;
  /** 0 while drops are not counted by kind. */
  #number: number;
  #timer: NodeJS.Timeout | undefined;
  /** The window that ended is not emptied yet; something came in the new one meanwhile. */
  #isFlushing = false;
  #isAwaited = false;

  constructor(kernel: WindowedKernelHalf, lengthSeconds: number, signal: AbortSignal) {
    this.#kernel = kernel;
    this.#signal = signal;
    this.#lengthMs = lengthSeconds * 1_000;
    this.#number = lengthSeconds === 0 ? 0 : 1;
    kernel.onDetached(() => {
      this.#end();
    });
  }

  /** Something was dropped: its window ends some time. */
  note(): void {
    if (this.#number === 0) return;
    if (this.#isFlushing) this.#isAwaited = true;
    else if (this.#timer === undefined) this.#wait(this.#lengthMs, () => this.#next());
  }

  /** Takes effect with the next window; the current one ends now. */
  setLength(lengthSeconds: number): void {
    if (lengthSeconds * 1_000 === this.#lengthMs) return;
    this.#lengthMs = lengthSeconds * 1_000;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next();
  }

  #next(): void {
    // Takes along what was held up since the window before, whose half is about to be used again.
    this.#kernel.run("flush_windows");
    this.#change(this.#lengthMs === 0 ? 0 : this.#number + 1);
    this.#isFlushing = true;
    this.#wait(GRACE_MS, () => this.#flush());
  }

  #flush(): void {
    if (this.#kernel.run("flush_windows") > 0) {
      this.#wait(RETRY_MS, () => this.#flush());
      return;
    }
    this.#isFlushing = false;
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.note();
  }

  /** Nothing is hooked in any more: both halves are emptied. */
  #end(): void {
    clearTimeout(this.#timer);
    this.#change(0);
    this.#kernel.run("flush_windows");
  }

  #change(window: number): void {
    this.#number = window;
    this.#kernel.configure({ window: BigInt(window) });
  }

  #wait(delayMs: number, act: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#signal.aborted) act();
    }, delayMs);
  }
}
