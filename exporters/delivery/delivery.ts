/** Follows the local log for one destination: sends in batches, tries again, and remembers how far it came. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Clock, computeBackoffMs, systemClock } from "../clock.ts";
import { readErrorMessage } from "../coded-error.ts";
import type { Destination, Expiry, FollowedLog } from "../contract.ts";
import { attemptToSend } from "./attempt.ts";
import { type DeliveryCounts, DeliveryCounter, type RejectionSample } from "./counts.ts";
import { countResult, type Leftover } from "./count-result.ts";
import { countBetween, type FollowedBatch, Follower } from "./follower.ts";
import type { Delivery, DeliveryOptions, HaltableDelivery } from "./options.ts";

export type { Delivery, DeliveryOptions };

const BACKOFF = { baseMs: 1000, maxMs: 30_000 };

/** Starts at once; an unreachable destination is no error. */
export function startDelivery(
  log: FollowedLog,
  destination: Destination,
  options: DeliveryOptions = {},
): HaltableDelivery {
  return new RunningDelivery(log, destination, options);
}

class RunningDelivery implements HaltableDelivery {
  readonly name: string;
  readonly #log: FollowedLog;
  readonly #destination: Destination;
  readonly #options: DeliveryOptions;
  readonly #clock: Clock;
  readonly #follower: Follower;
  readonly #counter: DeliveryCounter;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #running: Promise<void>;
  readonly #settleWaiters = new Set<() => void>();
  #inFlight: readonly ReadableLogRecord[] = [];
  #settled: string;
  #expiredBefore = "";
  #isRetrying = false;
  #isBacklogCounted = false;
  #flushes = 0;
  #wake: PromiseWithResolvers<void> | undefined;
  #hurry = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(log: FollowedLog, destination: Destination, options: DeliveryOptions) {
    this.name = destination.name;
    this.#log = log;
    this.#destination = destination;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#counter = options.counter ?? new DeliveryCounter();
    this.#counter.pending = 0;
    const newest = log.newestUid() ?? "";
    const cursor = log.loadCursor(this.name) ?? (options.startFrom === "newest" ? newest : "");
    this.#settled = cursor;
    this.#follower = new Follower(
      log,
      {
        batchRecords: options.batchRecords ?? 500,
        memoryRecords: options.memoryRecords ?? 5000,
        onUnreadable: (count) => {
          this.#counter.unreadable += count;
          this.#counter.pending -= count;
        },
      },
      cursor,
    );
    this.#unsubscribe = log.onExpired((expiry) => this.#expire(expiry));
    // Saved also when nothing was sent yet, so that retention knows of this follower.
    void this.#saveCursor(cursor);
    this.#running = this.#countBacklog(cursor, newest).then(() => this.#run());
  }

  notify(records: readonly ReadableLogRecord[]): void {
    this.#counter.pending += this.#follower.notify(records);
    this.#wake?.resolve();
    if (this.#follower.hasFullBatch && !this.#hurry.signal.aborted) this.#hurry.abort();
  }

  counts(): DeliveryCounts {
    return this.#counter.read();
  }

  samples(): ReadonlyMap<string, RejectionSample> {
    return this.#counter.samples;
  }

  async flush(deadlineMs: number): Promise<boolean> {
    const deadline = new AbortController();
    const timeout = this.#clock.sleep(deadlineMs, deadline.signal).then(() => false);
    this.#flushes += 1;
    this.#hurry.abort();
    try {
      return await Promise.race([this.#waitUntilSettled(), timeout]);
    } finally {
      this.#flushes -= 1;
      deadline.abort();
    }
  }

  close(deadlineMs: number): Promise<void> {
    this.#closed ??= this.#close(deadlineMs);
    return this.#closed;
  }

  async halt(): Promise<void> {
    this.#stop.abort();
    this.#hurry.abort();
    this.#wake?.resolve();
    // What it failed by was reported when it failed.
    await this.#running.catch(() => {});
    this.#unsubscribe();
    await this.#follower.close();
  }

  async #close(deadlineMs: number): Promise<void> {
    const ended = new AbortController();
    // One sleep for all of it: a difference of wall clock times would follow the steps of that clock.
    const deadline = this.#clock.sleep(deadlineMs, ended.signal);
    await this.flush(deadlineMs);
    await this.halt();
    await Promise.race([this.#destination.shutdown().catch(() => {}), deadline]);
    ended.abort();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted;) {
      await this.#waitForBatch();
      const batch = await this.#take(failures);
      failures = batch === undefined ? failures + 1 : 0;
      // An error from here on would lose the batch: it ends the delivery, to be started anew at its cursor.
      if (batch !== undefined && batch.records.length > 0) await this.#settle(batch);
      else if (batch !== undefined && this.#follower.isEmpty) await this.#settleAt(this.#follower.newest);
      for (const check of this.#settleWaiters) check();
    }
  }

  /** `undefined` where the log cannot be read now. */
  async #take(failures: number): Promise<FollowedBatch | undefined> {
    try {
      return await this.#follower.take();
    } catch (error) {
      this.#changeState("retrying", `local log: ${readErrorMessage(error)}`);
      await this.#backOff(failures + 1, 0);
      return undefined;
    }
  }

  async #waitForBatch(): Promise<void> {
    if (this.#follower.isEmpty) {
      this.#wake = Promise.withResolvers<void>();
      if (!this.#stop.signal.aborted) await this.#wake.promise;
      this.#wake = undefined;
    }
    if (this.#follower.hasFullBatch || this.#flushes > 0 || this.#stop.signal.aborted) return;
    this.#hurry = new AbortController();
    await this.#clock.sleep(this.#options.batchDelayMs ?? 200, this.#hurry.signal);
  }

  async #settle({ records, isFromDisk }: FollowedBatch): Promise<void> {
    this.#inFlight = records;
    if (isFromDisk) this.#takeBackExpired(records);
    let remaining = records;
    for (let attempt = 0; remaining.length > 0; attempt += 1) {
      const { again, retryAfterMs, reason } = await this.#send(remaining);
      remaining = again;
      if (again.length === 0) break;
      if (this.#stop.signal.aborted) return;
      this.#counter.retries += 1;
      this.#changeState("retrying", reason);
      await this.#backOff(attempt, retryAfterMs);
      if (this.#stop.signal.aborted) return;
    }
    this.#changeState("delivering", "");
    this.#inFlight = [];
    await this.#settleAt(this.#follower.position);
  }

  async #settleAt(uid: string): Promise<void> {
    if (uid === this.#settled) return;
    this.#settled = uid;
    await this.#saveCursor(uid);
  }

  async #send(records: readonly ReadableLogRecord[]): Promise<Leftover> {
    const { attemptTimeoutMs: timeoutMs = 30_000 } = this.#options;
    const options = { timeoutMs, clock: this.#clock, stop: this.#stop.signal };
    const result = await attemptToSend(this.#destination, records, options);
    return countResult(this.#counter, records, result);
  }

  async #backOff(attempt: number, retryAfterMs: number): Promise<void> {
    const delayMs = computeBackoffMs(attempt, BACKOFF, this.#options.random);
    await this.#clock.sleep(Math.max(delayMs, retryAfterMs), this.#stop.signal);
  }

  #changeState(state: "delivering" | "retrying", reason: string): void {
    if (this.#isRetrying === (state === "retrying")) return;
    this.#isRetrying = !this.#isRetrying;
    this.#options.onStateChange?.(state, reason);
  }

  async #saveCursor(uid: string): Promise<void> {
    try {
      await this.#log.saveCursor(this.name, uid);
    } catch {
      // The next batch saves again; until then a restart would send some records twice.
      this.#counter.cursorFailures += 1;
    }
  }

  async #countBacklog(cursor: string, newest: string): Promise<void> {
    // A log that cannot be counted cannot be read either, and reading says so.
    const backlog = await this.#log.countAfter(cursor, newest).catch(() => 0);
    this.#counter.pending += backlog;
    this.#isBacklogCounted = true;
  }

  #expire({ from, before, unread }: Expiry): void {
    // What was taken out of the log already will still be sent.
    const held = countBetween(this.#inFlight, from, before) + this.#follower.countHeld(from, before);
    const lost = Math.max(0, (unread.get(this.name) ?? 0) - held);
    this.#counter.expired += lost;
    // Before the backlog is counted they are not in it, and will not be.
    if (this.#isBacklogCounted) this.#counter.pending -= lost;
    if (before > this.#expiredBefore) this.#expiredBefore = before;
  }

  // A batch may have been on its way from the disk while its segment was counted as lost.
  #takeBackExpired(batch: readonly ReadableLogRecord[]): void {
    const saved = Math.min(countBetween(batch, "", this.#expiredBefore), this.#counter.expired);
    this.#counter.expired -= saved;
    this.#counter.pending += saved;
  }

  async #waitUntilSettled(): Promise<boolean> {
    const target = this.#log.newestUid() ?? "";
    const ended = Promise.withResolvers<void>();
    const check = (): void => {
      if (this.#settled >= target || this.#stop.signal.aborted) ended.resolve();
    };
    check();
    this.#settleWaiters.add(check);
    await ended.promise;
    this.#settleWaiters.delete(check);
    return this.#settled >= target;
  }
}
