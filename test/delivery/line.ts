/**
 * The whole line from an offered record to its destinations, without a kernel: writer, log, one delivery each. It keeps
 * the books beside them and holds both equations of the accounting to them.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Destination } from "#exporters/contract.ts";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import type { Delivery, DeliveryOptions } from "#exporters/delivery/delivery.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import type { LocalLog, LocalLogOptions } from "#exporters/local-log/local-log.ts";
import { LogWriter } from "#exporters/local-log/log-writer.ts";
import type { LogWriterOptions } from "#exporters/local-log/log-writer.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { waitUntil } from "../live/wait-until.ts";
import { assertBooks } from "./books.ts";

const SETTLE_DEADLINE_MS = 120_000;
/** A sleep that the tests' own clock does not end either. */
const NEVER_MS = 3_600_000;

export interface LineOptions {
  /** Left as it is at the end; else a directory is made and removed. */
  readonly directory?: string;
  readonly log?: Partial<LocalLogOptions>;
  readonly writer?: LogWriterOptions;
  readonly delivery?: DeliveryOptions;
  /** The clock of the uids. */
  readonly now?: () => number;
}

export class Line {
  readonly log: LocalLog;
  readonly writer: LogWriter;
  readonly deliveries: readonly Delivery[];
  readonly stored: ReadableLogRecord[] = [];
  readonly refused: ReadableLogRecord[] = [];
  readonly errors: unknown[] = [];
  offered = 0;
  /** What each delivery found in the log. */
  readonly #backlogs: readonly number[];
  readonly #nextUid: () => string;
  #isClosed = false;

  static async start(
    context: TestContext,
    destinations: readonly Destination[],
    options: LineOptions = {},
  ): Promise<Line> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), "kerntel-line-"));
    const log = await openLocalLog({ directory, ...options.log });
    const newest = log.newestUid() ?? "";
    const backlogs = await Promise.all(
      destinations.map(({ name }) => log.countAfter(log.loadCursor(name) ?? "", newest)),
    );
    const line = new Line(log, destinations, backlogs, options);
    context.after(async () => {
      await line.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    });
    return line;
  }

  private constructor(
    log: LocalLog,
    destinations: readonly Destination[],
    backlogs: readonly number[],
    { writer, delivery, now }: LineOptions,
  ) {
    this.log = log;
    this.#backlogs = backlogs;
    this.#nextUid = createUidSource(log.newestUid(), now);
    this.deliveries = destinations.map((destination) =>
      // Attempts come a twentieth as far apart as they might.
      startDelivery(log, destination, { batchDelayMs: 5, random: () => 0.05, ...delivery }),
    );
    this.writer = new LogWriter(log, {
      batchDelayMs: 5,
      ...writer,
      onStored: (records) => {
        this.stored.push(...records);
        for (const each of this.deliveries) each.notify(records);
      },
      onRefused: (record) => void this.refused.push(record),
      onError: (error) => {
        this.errors.push(error);
        writer?.onError?.(error);
      },
    });
  }

  /** Records with `thread.id` 1, 2, … */
  offer(count: number, changes: Parameters<typeof createSampleRecord>[1] = {}): void {
    for (let index = 0; index < count; index++) {
      this.offered += 1;
      const attributes = { ...changes.attributes, "thread.id": this.offered };
      this.writer.offer(createSampleRecord(this.#nextUid(), { ...changes, attributes }));
    }
  }

  /** offered = stored + refused + waiting; and for each destination that of `assertBooks`. Holds at every moment. */
  checkBooks(): void {
    const { offered, stored, refused } = this;
    const books = { offered, stored: stored.length, refused: refused.length };
    assert.equal(
      stored.length + refused.length + this.writer.bufferedRecords,
      offered,
      JSON.stringify(books),
    );
    for (const [index, delivery] of this.deliveries.entries())
      assertBooks(delivery, (this.#backlogs[index] ?? 0) + stored.length);
  }

  /** Until nothing waits any more, at the writer and at these deliveries. */
  async settle(deliveries: readonly Delivery[] = this.deliveries): Promise<void> {
    await waitUntil("the log to have everything", () => this.writer.bufferedRecords === 0 || undefined);
    for (const delivery of deliveries) {
      // By the machine's clock, whatever clock the delivery has.
      const tooLate = sleep(SETTLE_DEADLINE_MS, false, { ref: false });
      const isSettled = await Promise.race([delivery.flush(NEVER_MS), tooLate]);
      assert.ok(isSettled, `${delivery.name} has not got everything: ${JSON.stringify(delivery.counts())}`);
      assert.equal(delivery.counts().pending, 0, JSON.stringify(delivery.counts()));
    }
    this.checkBooks();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.writer.close(0);
    await Promise.all(this.deliveries.map((delivery) => delivery.close(0)));
    await this.log.close();
  }
}

export interface Sink extends Destination {
  /** The `thread.id` of each record, in the order they came. */
  readonly taken: number[];
  isDown: boolean;
}

/** A destination that takes everything while it is up. */
export function createSink(name: string, isDown = false): Sink {
  const sink: Sink = {
    name,
    taken: [],
    isDown,
    send: async (records) => {
      if (sink.isDown) return { kind: "retry", reason: "down" };
      sink.taken.push(...records.map(({ attributes }) => Number(attributes["thread.id"])));
      return { kind: "delivered" };
    },
    shutdown: () => Promise.resolve(),
  };
  return sink;
}
