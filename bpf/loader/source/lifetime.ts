/** Whether something of the kernel may still be used. */
import { BpfError } from "./error.ts";
import type { BpfPhase } from "./error.ts";

export class Lifetime {
  readonly #what: string;
  #isOver = false;

  /** `what` begins the sentence of the error: `Object oom`. */
  constructor(what: string) {
    this.#what = what;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws `BPF_CLOSED` after the end. */
  check(phase: BpfPhase): void {
    if (this.#isOver) throw new BpfError("BPF_CLOSED", `${this.#what} is closed.`, { phase });
  }

  /** True the first time. */
  end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    return true;
  }
}
