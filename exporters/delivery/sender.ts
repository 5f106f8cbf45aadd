/**
 * Brings batches to a destination, however often that takes. A destination that takes nothing at all is blocked: its
 * records are kept, and it is probed slowly. Whether a refused request is the fault of its records or of the destination
 * cannot be seen in one answer, so the first requests after a start or a reload are a trial.
 */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Clock, computeBackoffMs } from "../clock.ts";
import type { Destination, SendResult } from "../contract.ts";
import { attemptToSend } from "./attempt.ts";
import { countResult, dropBlocked, readReason } from "./count-result.ts";
import type { DeliveryCounter } from "./counts.ts";
import type { DeliveryOptions, DeliveryState, DeliveryStatus } from "./options.ts";

const BACKOFF = { baseMs: 1000, maxMs: 30_000 };
/** A blocked destination is well again within a minute after its fault is mended. */
const PROBE = { leastMs: 30_000, mostMs: 60_000 };
/** When so many requests are refused in a row and none was ever taken, the fault is not in the records. */
const TRIAL_REQUESTS = 10;

export interface SenderOptions {
  readonly destination: Destination;
  readonly counter: DeliveryCounter;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly delivery: DeliveryOptions;
}

export class Sender {
  readonly #options: SenderOptions;
  #state: DeliveryState = "delivering";
  #reason = "";
  /** Whole batches, as they were taken out of the log, until `settle`. */
  #unsettled: (readonly ReadableLogRecord[])[] = [];
  /** What is left of batches that were refused before the destination had taken anything, oldest first. */
  #suspects: (readonly ReadableLogRecord[])[] = [];
  #isOnTrial: boolean;
  #wake = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#isOnTrial = options.delivery.onRefusal !== "drop";
  }

  status(): DeliveryStatus {
    return { state: this.#state, reason: this.#reason };
  }

  /** Records that were taken out of the log and that no cursor is past yet. */
  get unsettled(): readonly ReadableLogRecord[] {
    const [first = []] = this.#unsettled;
    return this.#unsettled.length > 1 ? this.#unsettled.flat() : first;
  }

  /** To be called in the turn in which the cursor moves past them. */
  settle(): void {
    this.#unsettled = [];
  }

  /** Ends the wait of a blocked destination, and puts every destination on trial again. */
  probe(): void {
    this.#isOnTrial = this.#options.delivery.onRefusal !== "drop";
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Resolves with whether everything is accounted for; not so after a stop, and while the trial has suspects. */
  async bring(records: readonly ReadableLogRecord[]): Promise<boolean> {
    this.#unsettled.push(records);
    if (!(await this.#sendAll(records))) return false;
    if (this.#suspects.length >= TRIAL_REQUESTS) await this.#probeSuspects();
    while (!this.#isOnTrial && this.#suspects.length > 0) {
      const [suspect = []] = this.#suspects;
      if (!(await this.#sendAll(suspect))) return false;
      this.#suspects.shift();
    }
    if (this.#suspects.length > 0) return false;
    this.report("delivering", "");
    return true;
  }

  report(state: DeliveryState, reason: string): void {
    const isNews = state !== this.#state || (state === "blocked" && reason !== this.#reason);
    this.#state = state;
    this.#reason = reason;
    if (isNews) this.#options.delivery.onStateChange?.(state, reason);
  }

  async backOff(attempt: number, retryAfterMs: number): Promise<void> {
    const { clock, stop, delivery } = this.#options;
    const delayMs = computeBackoffMs(attempt, BACKOFF, delivery.random);
    await clock.sleep(Math.max(delayMs, retryAfterMs), stop);
  }

  /** False after a stop. */
  async #sendAll(records: readonly ReadableLogRecord[]): Promise<boolean> {
    const { counter, stop } = this.#options;
    const isSuspect = this.#suspects[0] === records;
    let remaining = records;
    for (let attempt = 0; remaining.length > 0; attempt += 1) {
      const result = await this.#send(remaining);
      if (this.#isOnTrial && isWholeRefusal(result)) {
        this.#suspects.push(remaining);
        this.report("retrying", result.reason);
        return true;
      }
      if (isAccepted(result)) this.#isOnTrial = false;
      const { again, retryAfterMs, reason, isBlocked } = countResult(counter, remaining, result);
      remaining = again;
      if (isSuspect) this.#suspects[0] = remaining;
      if (again.length === 0) break;
      if (stop.aborted) return false;
      counter.retries += 1;
      this.report(isBlocked ? "blocked" : "retrying", reason);
      await (isBlocked ? this.#waitForProbe() : this.backOff(attempt, retryAfterMs));
      if (stop.aborted) return false;
    }
    return true;
  }

  /** Until one of them is taken. They take turns, because the first one may really be at fault. */
  async #probeSuspects(): Promise<void> {
    const { counter, stop } = this.#options;
    let { reason } = this.status();
    while (!stop.aborted) {
      this.report("blocked", reason);
      await this.#waitForProbe();
      if (stop.aborted) return;
      const [probed = []] = this.#suspects;
      const result = await this.#send(probed);
      counter.retries += 1;
      if (isAccepted(result)) {
        const { again } = countResult(counter, probed, result);
        this.#suspects[0] = again;
        this.#isOnTrial = false;
        return;
      }
      reason = readReason(result);
      this.#suspects.push(...this.#suspects.splice(0, 1));
    }
  }

  async #send(records: readonly ReadableLogRecord[]): Promise<SendResult> {
    const { destination, clock, stop, delivery } = this.#options;
    const { attemptTimeoutMs: timeoutMs = 30_000, onRefusal } = delivery;
    const result = await attemptToSend(destination, records, { timeoutMs, clock, stop });
    return onRefusal === "drop" ? dropBlocked(result, records.length) : result;
  }

  async #waitForProbe(): Promise<void> {
    const { clock, stop, delivery } = this.#options;
    const random = (delivery.random ?? Math.random)();
    const delayMs = PROBE.leastMs + random * (PROBE.mostMs - PROBE.leastMs);
    await clock.sleep(delayMs, AbortSignal.any([stop, this.#wake.signal]));
  }
}

function isWholeRefusal(result: SendResult): result is SendResult & { kind: "rejected" } {
  return result.kind === "rejected" && result.isWholeRequest === true;
}

/** The destination has looked at the records one by one, and can be believed from now on. */
function isAccepted(result: SendResult): boolean {
  if (result.kind === "retry" || result.kind === "blocked") return false;
  if (result.kind === "partial") return result.isBlocked !== true;
  return !isWholeRefusal(result);
}
