/** Follows the local log for one destination: sends in batches, tries again, and remembers how far it came. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Clock, systemClock } from "../clock.ts";
import { readErrorMessage } from "../coded-error.ts";
import type { Destination, Expiry, FollowedLog } from "../contract.ts";
import { type DeliveryCounts, DeliveryCounter, type RejectionSample } from "./counts.ts";
import { countBetween, type FollowedBatch, Follower } from "./follower.ts";
import type { Delivery, DeliveryOptions, DeliveryStatus, HaltableDelivery } from "./options.ts";
import { Sender } from "./sender.ts";

export type { Delivery, DeliveryOptions };

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
  readonly #sender: Sender;
  #settled: string;
  #expiredBefore = "";
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
    const { signal: stop } = this.#stop;
    const shared = { destination, counter: this.#counter, clock: this.#clock, stop };
    this.#sender = new Sender({ ...shared, delivery: options });
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

  status(): DeliveryStatus {
    return this.#sender.status();
  }

  probe(): void {
    this.#sender.probe();
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
      else if (batch !== undefined && this.#follower.isEmpty && this.#sender.unsettled.length === 0)
        await this.#settleAt(this.#follower.newest);
      for (const check of this.#settleWaiters) check();
    }
  }

  /** `undefined` where the log cannot be read now. */
  async #take(failures: number): Promise<FollowedBatch | undefined> {
    try {
      return await this.#follower.take();
    } catch (error) {
      this.#sender.report("retrying", `local log: ${readErrorMessage(error)}`);
      await this.#sender.backOff(failures + 1, 0);
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
    if (isFromDisk) this.#takeBackExpired(records);
    if (!(await this.#sender.bring(records))) return;
    this.#sender.settle();
    await this.#settleAt(this.#follower.position);
  }

  async #settleAt(uid: string): Promise<void> {
    if (uid === this.#settled) return;
    this.#settled = uid;
    await this.#saveCursor(uid);
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
    const held = countBetween(this.#sender.unsettled, from, before) + this.#follower.countHeld(from, before);
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
