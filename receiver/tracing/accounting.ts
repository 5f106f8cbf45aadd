/** The books of one event: every record it saw, by what became of it. */
import { outcomes } from "./contract.ts";
import type { Outcome } from "./contract.ts";

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** Counts that the kernel half keeps while it is attached. */
export type KernelCounts = Partial<OutcomeCounts>;

export class Accounting {
  readonly #settled: Record<Outcome, number> = zero();
  readonly #live = new Set<() => KernelCounts>();

  add(outcome: Outcome, count = 1): void {
    this.#settled[outcome] += count;
  }

  /**
   * Takes counts from a kernel half. Disposing the result reads them one last time, so that a restart of the
   * event never sets a counter back; do it before the kernel half is closed.
   */
  follow(read: () => KernelCounts): Disposable {
    this.#live.add(read);
    return {
      [Symbol.dispose]: () => {
        if (!this.#live.delete(read)) return;
        addTo(this.#settled, read());
      },
    };
  }

  counts(): OutcomeCounts {
    const total = { ...this.#settled };
    for (const read of this.#live) addTo(total, read());
    return total;
  }
}

function zero(): Record<Outcome, number> {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}

function addTo(total: Record<Outcome, number>, counts: KernelCounts): void {
  for (const outcome of outcomes) total[outcome] += counts[outcome] ?? 0;
}
