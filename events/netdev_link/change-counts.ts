/** Changes counted by interface and kind; a bounded number of interfaces that are gone keeps its counts. */
import type { ChangeKind } from "./change.ts";

/** Long enough for any scraper to see the last change, short enough for names that never come back. */
const GONE_KEPT = 64;

export class ChangeCounts {
  readonly #counts = new Map<string, Map<ChangeKind, number>>();
  readonly #gone = new Set<string>();

  add(name: string, change: ChangeKind): void {
    const counts = this.#counts.get(name) ?? new Map<ChangeKind, number>();
    this.#counts.set(name, counts.set(change, (counts.get(change) ?? 0) + 1));
    this.#gone.delete(name);
    // `removed` is the last that is heard of a name.
    if (change === "removed") this.#retire(name);
  }

  /** The name belongs to nothing any more. */
  #retire(name: string): void {
    this.#gone.add(name);
    const [oldest] = this.#gone;
    if (this.#gone.size <= GONE_KEPT || oldest === undefined) return;
    this.#gone.delete(oldest);
    this.#counts.delete(oldest);
  }

  *points(): Generator<{ name: string; change: ChangeKind; value: number }> {
    for (const [name, counts] of this.#counts)
      for (const [change, value] of counts) yield { name, change, value };
  }
}
