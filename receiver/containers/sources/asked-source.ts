/** A source that may be away, slow or wrong: asked with a deadline, left alone for a while after a failure, counted. */
import type { EventLog } from "../../tracing/contract.ts";
import { agrees } from "./agreement.ts";
import type { NamedSource, Source, Told, Wanted } from "./source.ts";

/** How often it is looked whether somebody is there. */
const LOOK_AGAIN_MS = 5_000;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

export interface SourceCounts {
  readonly answered: number;
  readonly failed: number;
  /** Answers about a container that the kernel has somewhere else; they are not believed. */
  readonly disagreed: number;
}

export class AskedSource {
  readonly name: string;
  readonly trust: number;
  readonly findsNames: boolean;
  readonly intervalMs: number;
  readonly #named: NamedSource;
  readonly #log: Pick<EventLog, "warn">;
  readonly #nowMs: () => number;
  readonly #questions = new Set<AbortController>();
  #isClosed = false;
  #opened: Promise<Source> | undefined;
  #isThere = false;
  #lookAtMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #restMs = FIRST_REST_MS;
  #answered = 0;
  #failed = 0;
  #disagreed = 0;

  constructor(
    named: NamedSource,
    log: Pick<EventLog, "warn">,
    nowMs: () => number = (): number => performance.now(),
  ) {
    this.name = named.name;
    this.trust = named.trust;
    this.findsNames = named.findsNames;
    this.intervalMs = named.intervalMs;
    this.#named = named;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Whether it is left alone because it failed. */
  get isResting(): boolean {
    return this.#nowMs() < this.#restUntilMs;
  }

  /** Whether asking makes sense now. */
  get isReady(): boolean {
    const nowMs = this.#nowMs();
    if (this.isResting || this.#isClosed) return false;
    if (nowMs >= this.#lookAtMs) {
      this.#isThere = this.#named.isThere();
      this.#lookAtMs = nowMs + LOOK_AGAIN_MS;
    }
    return this.#isThere;
  }

  /** `undefined` where there was no answer; never rejects. */
  async find(wanted: readonly Wanted[]): Promise<readonly Told[] | undefined> {
    if (this.#isClosed) return undefined;
    const question = new AbortController();
    const timer = setTimeout(() => {
      question.abort(new Error(`no answer in ${this.#named.timeoutMs / 1_000} s`));
    }, this.#named.timeoutMs);
    this.#questions.add(question);
    try {
      this.#opened ??= this.#named.open();
      const source = await this.#opened;
      // A library may be slow to hear of the signal.
      const told = await Promise.race([source.find(wanted, question.signal), rejectAt(question.signal)]);
      // What another one tells by now is not to be overwritten.
      if (question.signal.aborted) return undefined;
      this.#answered++;
      this.#restMs = FIRST_REST_MS;
      return await this.#keepAgreeing(told, wanted);
    } catch (error) {
      if (!this.#isClosed) this.#fail(question.signal.aborted ? question.signal.reason : error);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.#questions.delete(question);
    }
  }

  counts(): SourceCounts {
    return { answered: this.#answered, failed: this.#failed, disagreed: this.#disagreed };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const question of this.#questions) question.abort();
    await this.#forget();
  }

  /** A container is where the kernel has it; of one that was found by name the source itself has compared the path. */
  async #keepAgreeing(told: readonly Told[], wanted: readonly Wanted[]): Promise<readonly Told[]> {
    const kept: Told[] = [];
    for (const answer of told) {
      const { containerId, evidence } = answer;
      const places = wanted.filter(({ containerIds }) => containerId && containerIds.includes(containerId));
      const agreed = await Promise.all(
        places.map(({ place, podUid }) => agrees(place, evidence, { podUid })),
      );
      if (containerId === undefined || agreed.includes(true)) kept.push(answer);
      else this.#disagreed++;
    }
    return kept;
  }

  /** What comes back may be another one at another place. */
  async #forget(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // One that could not be opened has nothing to close.
    const source = await opened?.catch(() => undefined);
    source?.close();
  }

  #fail(error: unknown): void {
    this.#failed++;
    void this.#forget();
    this.#restUntilMs = this.#nowMs() + this.#restMs;
    this.#restMs = Math.min(this.#restMs * 2, LONGEST_REST_MS);
    this.#lookAtMs = Number.NEGATIVE_INFINITY;
    this.#log.warn(`${this.name} does not tell about containers`, error);
  }
}

function rejectAt(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => {
    reject(signal.reason as Error);
  });
  return promise;
}
