/**
 * Looks cgroups up at the sources: in batches, beside the records and never in their way, and again where none knew. Whoever
 * makes cgroups in great numbers uses up a budget of his own.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupDirectory } from "./cgroup-directory.ts";
import { LookupBudget } from "./lookup-budget.ts";
import { SourceLanes } from "./lookup-lane.ts";
import type { Lookup, LookupLane } from "./lookup-lane.ts";
import type { AskedSource } from "./sources/asked-source.ts";
import type { Told } from "./sources/source.ts";
import { describeWanted } from "./wanted.ts";

/**
 * A runtime may make the cgroup before it writes the container down; the kubelet's status follows within seconds.
 * Records wait until the first of these has brought nothing either.
 */
const AGAIN_AFTER_MS = [100, 1_000, 5_000, 30_000] as const;
/** A record about something that nobody knows makes it asked again, but not every record. */
const REMIND_AFTER_MS = 30_000;

/** Why a lookup was not sent: its cgroup was gone by then, the budget was used up, or too many were waiting. */
export type SkipReason = "gone" | "rate" | "queue";

export interface InquiryOptions {
  readonly directory: CgroupDirectory;
  /** Who is asked until `setSources` says otherwise. */
  readonly sources: readonly AskedSource[];
  /** Records may wait for what was answered. */
  readonly onAnswer: () => void;
  readonly againAfterMs?: readonly number[];
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
}

export class Inquiry {
  readonly #options: InquiryOptions;
  readonly #againAfterMs: readonly number[];
  readonly #nowMs: () => number;
  readonly #lanes = new Map<AskedSource, SourceLanes>();
  readonly #budget: LookupBudget;
  readonly #skipped: Record<SkipReason, number> = { gone: 0, rate: 0, queue: 0 };
  /** A record may be what makes it ask; errors are not those of the record's event. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #isClosed = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#againAfterMs = options.againAfterMs ?? AGAIN_AFTER_MS;
    this.#nowMs = options.nowMs ?? ((): number => performance.now());
    this.#budget = new LookupBudget(this.#nowMs);
    for (const source of options.sources) this.#lanes.set(source, this.#makeLanes(source));
  }

  /** Lookups that were not sent, by why. */
  get skipped(): Readonly<Record<SkipReason, number>> {
    return this.#skipped;
  }

  /** Asks everybody who is there and may know. */
  ask(cgroup: Cgroup): void {
    cgroup.isLeftOpen = false;
    this.#ask(cgroup, this.#lanes.keys());
  }

  /** For a cgroup that a record is about: a source may have come up since it was asked. */
  remind(cgroup: Cgroup): void {
    cgroup.isNeeded = true;
    const isOpen = cgroup.isLeftOpen || cgroup.owner?.isKnown !== true;
    if (isOpen && this.#nowMs() - cgroup.askedAtMs > REMIND_AFTER_MS) this.ask(cgroup);
  }

  /** Only these are asked from now on; those that are new about all that is remembered. Close the others before. */
  setSources(sources: readonly AskedSource[]): void {
    for (const [source, lanes] of this.#lanes) {
      if (sources.includes(source)) continue;
      this.#lanes.delete(source);
      for (const lookup of lanes.takeAll()) this.#settle(lookup);
    }
    const added = sources.filter((source) => !this.#lanes.has(source));
    for (const source of added) this.#lanes.set(source, this.#makeLanes(source));
    if (added.length > 0) for (const cgroup of this.#options.directory.all()) this.#ask(cgroup, added);
  }

  close(): void {
    this.#isClosed = true;
  }

  #makeLanes(source: AskedSource): SourceLanes {
    const send = (lookups: readonly Lookup[]): Promise<void> =>
      this.#inOwnContext(() => this.#send(source, lookups));
    return new SourceLanes(source, { send, nowMs: this.#nowMs });
  }

  #ask(cgroup: Cgroup, sources: Iterable<AskedSource>): void {
    const wanted = describeWanted(cgroup);
    cgroup.askedAtMs = wanted === undefined ? Number.POSITIVE_INFINITY : this.#nowMs();
    if (wanted === undefined || this.#isClosed) return;
    const asked = [...sources].filter((source) => {
      const mayKnow = wanted.containerIds.length > 0 || source.findsNames;
      if (!mayKnow || isToldBy(source, cgroup)) return false;
      if (source.isResting) cgroup.isLeftOpen = true;
      return source.isReady;
    });
    if (asked.length === 0) return;
    if (!this.#budget.take(cgroup)) {
      this.#skip(cgroup, "rate");
      return;
    }
    for (const source of asked) {
      cgroup.askedCount++;
      this.#put(source, { cgroup, wanted, attempt: 0, isPartial: false, isWaitedFor: true });
    }
  }

  #put(source: AskedSource, lookup: Lookup): void {
    const lane = this.#laneOf(source, lookup);
    if (lane?.put(lookup) === true) return;
    if (lane !== undefined) this.#skip(lookup.cgroup, "queue");
    this.#settle(lookup);
  }

  /** `undefined`: the source was closed. */
  #laneOf(source: AskedSource, { cgroup }: Lookup): LookupLane | undefined {
    return this.#lanes.get(source)?.laneOf(cgroup);
  }

  /** It is looked up once a record is about it, and there is a budget again. */
  #skip(cgroup: Cgroup, reason: SkipReason): void {
    this.#skipped[reason]++;
    cgroup.isLeftOpen = true;
    if (reason === "gone") cgroup.askedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #send(source: AskedSource, lookups: readonly Lookup[]): Promise<void> {
    const worthIt = lookups.filter((lookup) => this.#isWorthIt(lookup));
    if (this.#isClosed) for (const lookup of worthIt) this.#settle(lookup);
    else if (worthIt.length > 0) await this.#askBatch(source, worthIt);
    else if (lookups.length > 0) this.#options.onAnswer();
  }

  /** What came and went before its turn is not looked up, unless a record is about it. */
  #isWorthIt(lookup: Lookup): boolean {
    const { cgroup, attempt } = lookup;
    // One without a directory was made known by a record.
    if (cgroup.goneAtMs === undefined || cgroup.isNeeded || cgroup.ids.length === 0 || attempt > 0)
      return true;
    this.#skip(cgroup, "gone");
    this.#settle(lookup);
    return false;
  }

  async #askBatch(source: AskedSource, lookups: readonly Lookup[]): Promise<void> {
    const told = await source.find(lookups.map(({ wanted }) => wanted));
    try {
      for (const answer of told ?? []) this.#learn(source, answer, lookups);
    } finally {
      // Also after an answer that made no sense: no record may wait for it any longer.
      for (const lookup of lookups) {
        if (told === undefined) lookup.cgroup.isLeftOpen = true;
        this.#conclude(source, lookup);
      }
    }
    this.#options.onAnswer();
  }

  #learn(source: AskedSource, answer: Told, lookups: readonly Lookup[]): void {
    const { containerId, path, attributes, isPartial = false } = answer;
    const { owners } = this.#options.directory;
    if (containerId !== undefined) {
      owners.get(containerId)?.learn(source, attributes, isPartial);
      for (const lookup of lookups)
        if (lookup.wanted.containerIds.includes(containerId)) lookup.isPartial = isPartial;
      return;
    }
    const below = lookups.filter(({ wanted }) => `${wanted.path}/`.startsWith(`${path}/`));
    const { directory } = this.#options;
    for (const { cgroup } of below) directory.adopt(cgroup, path ?? "").learn(source, attributes);
  }

  #conclude(source: AskedSource, lookup: Lookup): void {
    const { cgroup } = lookup;
    const isTold = isToldBy(source, cgroup);
    const delayMs = this.#againAfterMs[lookup.attempt];
    const isOver = cgroup.goneAtMs !== undefined && lookup.attempt > 0 && !lookup.isPartial;
    const isLast = isTold || delayMs === undefined || isOver || !source.isReady;
    const isLater =
      !isLast && this.#laneOf(source, lookup)?.putLater(delayMs, () => this.#askAgain(source, lookup));
    if (isLater !== true || lookup.attempt > 0) this.#settle(lookup);
    if (isLater === false && !isLast) this.#skip(cgroup, "queue");
  }

  #askAgain(source: AskedSource, lookup: Lookup): void {
    const { cgroup } = lookup;
    lookup.attempt++;
    if (this.#isClosed || isToldBy(source, cgroup) || !source.isReady) this.#settle(lookup);
    else if (this.#budget.take(cgroup)) this.#put(source, lookup);
    else {
      this.#skip(cgroup, "rate");
      this.#settle(lookup);
    }
  }

  #settle(lookup: Lookup): void {
    if (!lookup.isWaitedFor) return;
    lookup.isWaitedFor = false;
    lookup.cgroup.askedCount--;
  }
}

function isToldBy(source: AskedSource, { owner }: Cgroup): boolean {
  return owner?.isToldBy(source) === true;
}
