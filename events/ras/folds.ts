/**
 * How many errors each log record stands for. The kernel half tells the first of equal errors and one for each window; what it
 * counted besides is told here, when a window ended without another.
 */
import type { Description, Occurrence } from "./description.ts";

/** One entry of the kernel half's map. */
export interface KernelFold {
  readonly id: number;
  /** When the last error came, nanoseconds since boot. */
  readonly lastTime: number;
  readonly total: number;
}

interface Fold {
  readonly description: Description;
  told: number;
}

export class Folds {
  readonly #folds = new Map<number, Fold>();
  readonly #save: (description: Description, occurrence: Occurrence) => void;

  constructor(save: (description: Description, occurrence: Occurrence) => void) {
    this.#save = save;
  }

  get size(): number {
    return this.#folds.size;
  }

  /** A record came. `id` 0: the kernel half had no room to remember it. */
  take(description: Description, { id, time, total }: { id: number; time: number; total: number }): void {
    const told = this.#folds.get(id)?.told ?? 0;
    if (id !== 0) this.#folds.set(id, { description, told: Math.max(told, total) });
    this.#save(description, { time, total, count: Math.max(1, total - told) });
  }

  /** Tells what was only counted. Returns how many log records that made. */
  sweep(kernel: readonly KernelFold[]): number {
    let saved = 0;
    const alive = new Set<number>();
    for (const { id, lastTime, total } of kernel) {
      alive.add(id);
      const fold = this.#folds.get(id);
      // Its first record is still on the way.
      if (fold === undefined || total <= fold.told) continue;
      this.#save(fold.description, { time: lastTime, total, count: total - fold.told });
      fold.told = total;
      saved++;
    }
    for (const id of this.#folds.keys()) if (!alive.has(id)) this.#folds.delete(id);
    return saved;
  }
}
