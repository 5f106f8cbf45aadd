/** Which losses stored records have reported, and which not yet: every counter of the receiver, less what was said of it. */
import { keyOf } from "../tracing/losses.ts";
import type { Loss, LossKey, LossTotal } from "../tracing/losses.ts";
import { noteInstant } from "./instant.ts";
import type { ClockReading } from "./instant.ts";
import type { NotedLoss } from "./run-mark.ts";

interface Entry {
  current: LossTotal;
  /** Of `current.total`. */
  reported: number;
  /** Of earlier runs, not reported yet. */
  earlier: number;
  /** Set while anything of it is unreported: the last look at which nothing was. */
  from: number | undefined;
  /** What the event had seen at that look. */
  seenBefore: number;
}

/** A loss of an earlier run. `from`: in nanoseconds since this boot. */
export interface EarlierLoss extends LossKey {
  readonly count: number;
  readonly from: number;
}

export class LossLedger {
  readonly #collect: () => readonly LossTotal[];
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #lookedAt: number;

  /** `collect`: the counters as they are. `now`: nanoseconds since boot. */
  constructor(collect: () => readonly LossTotal[], now: () => number) {
    this.#collect = collect;
    this.#now = now;
    this.#lookedAt = now();
  }

  /** Before the first look. */
  carryOver(losses: readonly EarlierLoss[]): void {
    for (const { count, from, ...key } of losses) {
      if (count <= 0) continue;
      this.#entries.set(keyOf(key), {
        current: { ...key, total: 0 },
        reported: 0,
        earlier: count,
        from,
        seenBefore: 0,
      });
    }
  }

  unreported(): Loss[] {
    const until = this.#now();
    const totals = new Map(this.#collect().map((total) => [keyOf(total), total]));
    for (const [key, total] of totals) this.#take(key, total);
    this.#lookedAt = until;
    const losses: Loss[] = [];
    for (const [key, entry] of this.#entries) {
      if (countUnreported(entry) > 0) losses.push(describe(entry, until));
      // An entity whose counter ended, with everything reported.
      else if (!totals.has(key)) this.#entries.delete(key);
    }
    return losses;
  }

  reported(said: Loss): void {
    const entry = this.#entries.get(keyOf(said));
    if (entry === undefined) return;
    const ofEarlier = Math.min(said.count, entry.earlier);
    entry.earlier -= ofEarlier;
    entry.reported += said.count - ofEarlier;
    entry.from = countUnreported(entry) > 0 ? said.until : undefined;
    entry.seenBefore = said.seen ?? 0;
  }

  /** For the next run. The entity is left out: it may be gone by then. */
  note(now: ClockReading): NotedLoss[] {
    const united = new Map<string, NotedLoss>();
    for (const { reason, event, destination, table, count, from } of this.unreported()) {
      const key: LossKey = {
        reason,
        ...(event === undefined ? {} : { event }),
        ...(destination === undefined ? {} : { destination }),
        ...(table === undefined ? {} : { table }),
      };
      const before = united.get(keyOf(key));
      const start = Math.min(from, before?.from.bootNs ?? from);
      united.set(keyOf(key), { ...key, count: count + (before?.count ?? 0), from: noteInstant(start, now) });
    }
    return [...united.values()];
  }

  #take(key: string, current: LossTotal): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      const isNew = { current, reported: 0, earlier: 0, seenBefore: 0 };
      this.#entries.set(key, { ...isNew, from: current.total > 0 ? this.#lookedAt : undefined });
      return;
    }
    const before = entry.current;
    entry.current = current;
    if (entry.from !== undefined || countUnreported(entry) === 0) return;
    entry.from = this.#lookedAt;
    entry.seenBefore = before.seen ?? 0;
  }
}

function describe(entry: Entry, until: number): Loss {
  const { current, earlier, from = until, seenBefore } = entry;
  const seenSince = current.seen === undefined || earlier > 0 ? {} : { seenSince: current.seen - seenBefore };
  return { ...current, count: countUnreported(entry), ...seenSince, isCarried: earlier > 0, from, until };
}

/** A total may go down: a batch on its way may arrive after its segment was counted as destroyed. */
function countUnreported({ current, reported, earlier }: Entry): number {
  return earlier + Math.max(0, current.total - reported);
}
