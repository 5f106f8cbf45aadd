/** When the BPF program is to report shortages: a moment after one began, and then at times until none is open. */
import type { LoadedEvent } from "#receiver/tracing/contract.ts";

/** Victims that hold more may come so long; the first record is to leave within 100 ms. */
const SETTLE_MS = 60;
/** Between looks for shortages that are over. Nothing ticks while none is open. */
const TICK_MS = 1_000;

/** What `ShortageReports` needs of the loaded BPF program. */
export type ReportingProgram = Pick<LoadedEvent, "run" | "configure" | "onDetached">;

export class ShortageReports {
  readonly #program: ReportingProgram;
  readonly #signal: AbortSignal;
  readonly #settling: Set<NodeJS.Timeout> = new Set();
  #ticking: NodeJS.Timeout | undefined;

  constructor(program: ReportingProgram, signal: AbortSignal) {
    this.#program = program;
    this.#signal = signal;
    program.onDetached(() => {
      this.#end();
    });
  }

  /** A shortage began, or may have: after a full ring each record is a reason to look for those whose notice found no room. */
  note(): void {
    const timer = setTimeout(() => {
      this.#settling.delete(timer);
      this.#report();
    }, SETTLE_MS);
    this.#settling.add(timer);
  }

  #report(): void {
    if (this.#signal.aborted) return;
    const open = this.#program.run("report_shortages");
    if (open === 0 || this.#ticking !== undefined) return;
    this.#ticking = setTimeout(() => {
      this.#ticking = undefined;
      this.#report();
    }, TICK_MS);
  }

  /** Nothing is hooked in any more: what is open is over. */
  #end(): void {
    for (const timer of this.#settling) clearTimeout(timer);
    clearTimeout(this.#ticking);
    this.#program.configure({ is_ending: 1 });
    this.#program.run("report_shortages");
  }
}
