/** Asks the sources about cgroups: in batches, beside the records and never in their way, and again where nobody knew. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupDirectory } from "./cgroup-directory.ts";
import type { AskedSource } from "./sources/asked-source.ts";
import type { Told, Wanted } from "./sources/source.ts";
import { describeWanted } from "./wanted.ts";

/** One question is about so many cgroups at most. */
const BATCH = 64;
/**
 * A runtime may make the cgroup before it writes the container down; the kubelet's status follows within seconds.
 * Records wait until the first of these has brought nothing either.
 */
const AGAIN_AFTER_MS = [100, 1_000, 5_000, 30_000] as const;
/** A record about something that nobody knows makes it asked again, but not every record. */
const REMIND_AFTER_MS = 30_000;

interface Question {
  readonly cgroup: Cgroup;
  readonly wanted: Wanted;
  /** How often it was asked before. */
  attempt: number;
  /** Whether the source will know more of it soon. */
  isPartial: boolean;
  /** Whether it is one of `cgroup.askedCount`. */
  isWaitedFor: boolean;
}

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
  readonly #waiting = new Map<AskedSource, Question[]>();
  readonly #running = new Set<AskedSource>();
  /** A record may be what makes it ask; errors are not those of the record's event. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  #isClosed = false;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.#againAfterMs = options.againAfterMs ?? AGAIN_AFTER_MS;
    this.#nowMs = options.nowMs ?? ((): number => performance.now());
    for (const source of options.sources) this.#waiting.set(source, []);
  }

  /** Asks everybody who is there and may know. */
  ask(cgroup: Cgroup): void {
    cgroup.isLeftOpen = false;
    this.#ask(cgroup, this.#waiting.keys());
  }

  /** For a cgroup that a record is about: a source may have come up since it was asked. */
  remind(cgroup: Cgroup): void {
    const isOpen = cgroup.isLeftOpen || cgroup.owner?.isKnown !== true;
    if (isOpen && this.#nowMs() - cgroup.askedAtMs > REMIND_AFTER_MS) this.ask(cgroup);
  }

  /** Only these are asked from now on; those that are new about all that is remembered. Close the others before. */
  setSources(sources: readonly AskedSource[]): void {
    const before = new Set(this.#waiting.keys());
    for (const source of before) if (!sources.includes(source)) this.#waiting.delete(source);
    const added = sources.filter((source) => !before.has(source));
    for (const source of added) this.#waiting.set(source, []);
    if (added.length > 0) for (const cgroup of this.#options.directory.all()) this.#ask(cgroup, added);
  }

  close(): void {
    this.#isClosed = true;
  }

  #ask(cgroup: Cgroup, sources: Iterable<AskedSource>): void {
    const wanted = describeWanted(cgroup);
    cgroup.askedAtMs = wanted === undefined ? Number.POSITIVE_INFINITY : this.#nowMs();
    if (wanted === undefined || this.#isClosed) return;
    for (const source of sources) {
      const mayKnow = wanted.containerIds.length > 0 || source.findsNames;
      if (!mayKnow || isToldBy(source, cgroup)) continue;
      if (source.isResting) cgroup.isLeftOpen = true;
      if (!source.isReady) continue;
      cgroup.askedCount++;
      this.#put(source, { cgroup, wanted, attempt: 0, isPartial: false, isWaitedFor: true });
    }
  }

  #put(source: AskedSource, question: Question): void {
    const waiting = this.#waiting.get(source);
    if (waiting === undefined) {
      this.#settle(question);
      return;
    }
    waiting.push(question);
    if (this.#running.has(source)) return;
    this.#running.add(source);
    // What is made in one moment is asked in one question.
    setImmediate(() => {
      this.#inOwnContext(() => void this.#run(source, waiting));
    });
  }

  async #run(source: AskedSource, waiting: Question[]): Promise<void> {
    try {
      while (waiting.length > 0) await this.#askBatch(source, waiting.splice(0, BATCH));
    } finally {
      this.#running.delete(source);
    }
  }

  async #askBatch(source: AskedSource, questions: readonly Question[]): Promise<void> {
    const told = await source.find(questions.map(({ wanted }) => wanted));
    try {
      for (const answer of told ?? []) this.#learn(source, answer, questions);
    } finally {
      // Also after an answer that made no sense: no record may wait for it any longer.
      for (const question of questions) {
        if (told === undefined) question.cgroup.isLeftOpen = true;
        this.#conclude(source, question);
      }
    }
    this.#options.onAnswer();
  }

  #learn(source: AskedSource, answer: Told, questions: readonly Question[]): void {
    const { containerId, path, attributes, isPartial = false } = answer;
    const { owners } = this.#options.directory;
    if (containerId !== undefined) {
      owners.get(containerId)?.learn(source, attributes, isPartial);
      for (const question of questions)
        if (question.wanted.containerIds.includes(containerId)) question.isPartial = isPartial;
      return;
    }
    const below = questions.filter(({ wanted }) => `${wanted.path}/`.startsWith(`${path}/`));
    for (const { cgroup } of below) this.#adopt(cgroup, path ?? "").learn(source, attributes);
  }

  /** The owner of a container that only its runtime can tell from any other directory: its own cgroup's. */
  #adopt(cgroup: Cgroup, path: string): NonNullable<Cgroup["owner"]> {
    const { directory } = this.#options;
    const top = cgroup.path === path ? cgroup : (directory.at(path) ?? cgroup);
    const key = top.owners[0]?.key ?? `cgroup ${path} ${++this.#adopted}`;
    for (const each of new Set([top, cgroup]))
      if (each.owners.length === 0) each.owners = [directory.owners.take(key, {})];
    return directory.owners.get(key) ?? directory.owners.take(key, {});
  }
  #adopted = 0;

  #conclude(source: AskedSource, question: Question): void {
    const { cgroup } = question;
    const isTold = isToldBy(source, cgroup);
    const delayMs = this.#againAfterMs[question.attempt];
    const isOver = cgroup.goneAtMs !== undefined && question.attempt > 0 && !question.isPartial;
    const isLast = delayMs === undefined || isOver;
    if (isTold || isLast || question.attempt > 0 || !source.isReady) this.#settle(question);
    if (isTold || isLast || !source.isReady) return;
    setTimeout(() => {
      question.attempt++;
      if (this.#isClosed || isToldBy(source, cgroup) || !source.isReady) this.#settle(question);
      else this.#put(source, question);
    }, delayMs).unref();
  }

  #settle(question: Question): void {
    if (!question.isWaitedFor) return;
    question.isWaitedFor = false;
    question.cgroup.askedCount--;
  }
}

function isToldBy(source: AskedSource, { owners }: Cgroup): boolean {
  return owners.some((owner) => owner.isToldBy(source));
}
