/** Runs one event: starts it, starts it again with growing delay when it ends or throws, and keeps its state. */
import { setTimeout as sleep } from "node:timers/promises";
import { readErrorCode } from "#exporters/coded-error.ts";
import { runInPart } from "../parts/part.ts";
import type { Part } from "../parts/part.ts";
import type { EventTracingAttr, TracingContext } from "./contract.ts";
import type { EventState, EventStatus } from "./event-state.ts";

/** A restart is never further away than this, so that an event comes back soon after its cause is gone. */
const LONGEST_DELAY_MS = 300_000;

export interface RunnerOptions {
  readonly name: string;
  readonly attr: EventTracingAttr;
  /** Makes what one run of the event gets; `signal` ends the run, an error of `part` too. */
  createContext(signal: AbortSignal, attached: TracingContext["attached"], part: Part): TracingContext;
  onChange(status: EventStatus): void;
  /** Waits before a restart; resolves early when the signal aborts. */
  readonly wait?: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export class EventRunner {
  readonly #options: RunnerOptions;
  readonly #stopped = new AbortController();
  #status: EventStatus = { state: "starting", reason: "", hook: "", since: new Date() };
  #finished: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  get status(): EventStatus {
    return this.#status;
  }

  start(): void {
    this.#finished = this.#runUntilStopped();
  }

  /** Marks the event as one that does not run, with the reason. */
  settle(state: "disabled" | "unsupported", reason: string): void {
    this.#change(state, reason);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#finished;
  }

  async #runUntilStopped(): Promise<void> {
    const signal = this.#stopped.signal;
    const firstDelayMs = this.#options.attr.interval * 1_000;
    let delayMs = firstDelayMs;
    while (!signal.aborted) {
      let attached = false;
      const reason = await this.#runOnce(signal, () => {
        attached = true;
      });
      if (signal.aborted || this.#status.state === "unsupported") return;
      // An event that worked for a while starts anew with the short delay.
      if (attached) delayMs = firstDelayMs;
      this.#change(attached ? "restarting" : "failed", `${reason}; next try in ${delayMs / 1_000} s`);
      await (this.#options.wait ?? waitFor)(delayMs, signal);
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    }
  }

  /** Returns why the run ended. */
  async #runOnce(signal: AbortSignal, onAttached: () => void): Promise<string> {
    const run = new AbortController();
    // What a callback of the event throws ends its run as if `start` had thrown it.
    const failed = Promise.withResolvers<never>();
    const part: Part = { kind: "event", name: this.#options.name, restart: failed.reject };
    const attached: TracingContext["attached"] = (hook, missing = "") => {
      if (run.signal.aborted) return;
      onAttached();
      this.#change("running", missing, hook);
    };
    const running = runInPart(part, () => this.#start(AbortSignal.any([signal, run.signal]), attached, part));
    try {
      await Promise.race([running, failed.promise]);
      return "the event ended by itself";
    } catch (error) {
      // By its code: a plug-in brings a class of its own.
      if (readErrorCode(error) === "EVENT_UNSUPPORTED") this.#change("unsupported", (error as Error).message);
      return error instanceof Error ? error.message : String(error);
    } finally {
      run.abort();
      // The next run must find nothing of this one. Errors on the way out are those of a run that failed already.
      await Promise.allSettled([running]);
    }
  }

  async #start(signal: AbortSignal, attached: (hook: string) => void, part: Part): Promise<void> {
    await this.#options.attr.tracingData.start(this.#options.createContext(signal, attached, part));
  }

  #change(state: EventState, reason: string, hook = ""): void {
    const isStill = state === "running" && this.#status.state === state;
    this.#status = { state, reason, hook, since: isStill ? this.#status.since : new Date() };
    // One that hooks in at more or fewer places meanwhile is no news.
    if (isStill) return;
    this.#options.onChange(this.#status);
  }
}

async function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  // The only rejection is the abort, and then there is nothing more to wait for.
  await sleep(delayMs, undefined, { signal }).catch(() => {});
}
