import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Destination, readUid, type SendResult } from "../contract.ts";
import { startDelivery } from "./delivery.ts";
import { createFakeClock, HOUR_MS } from "./fake-clock.ts";
import { createFakeLog, createUids, uidOf } from "./fake-log.ts";

interface Sink extends Destination {
  readonly sent: string[][];
  readonly shutdowns: number;
}

function createSink(
  name: string,
  answer: (records: readonly ReadableLogRecord[], attempt: number) => Promise<SendResult> | SendResult,
): Sink {
  const sent: string[][] = [];
  let shutdowns = 0;
  return {
    name,
    sent,
    get shutdowns() {
      return shutdowns;
    },
    async send(records) {
      sent.push(records.map((record) => readUid(record) ?? ""));
      return answer(records, sent.length);
    },
    async shutdown() {
      shutdowns += 1;
    },
  };
}

const DELIVERED: SendResult = { kind: "delivered" };

test("while it keeps up, records go from memory and the disk is not read", async () => {
  const log = createFakeLog();
  const sink = createSink("a", () => DELIVERED);
  const delivery = startDelivery(log, sink, { clock: createFakeClock() });
  delivery.notify(log.store(3));
  delivery.notify(log.store(2));
  assert.equal(await delivery.flush(HOUR_MS), true);
  assert.deepEqual(sink.sent.flat(), createUids(1, 5));
  assert.equal(log.reads, 0);
  assert.equal(log.cursors.get("a"), uidOf(5));
  assert.deepEqual(delivery.counts(), {
    exported: 5,
    rejected: {},
    expired: 0,
    unreadable: 0,
    pending: 0,
    retries: 0,
    cursorFailures: 0,
  });
  await delivery.close(HOUR_MS);
  await delivery.close(HOUR_MS);
  assert.equal(sink.shutdowns, 1);
});

test("it goes on after its cursor, or begins where it was told to", async () => {
  const cases = [
    { cursor: uidOf(3), startFrom: "oldest", first: 4 },
    { cursor: undefined, startFrom: "oldest", first: 1 },
    { cursor: undefined, startFrom: "newest", first: 6 },
  ] as const;
  for (const { cursor, startFrom, first } of cases) {
    const log = createFakeLog();
    log.store(5);
    if (cursor) log.cursors.set("a", cursor);
    const sink = createSink("a", () => DELIVERED);
    const delivery = startDelivery(log, sink, { clock: createFakeClock(), startFrom, batchRecords: 2 });
    delivery.notify(log.store(1));
    await delivery.flush(HOUR_MS);
    assert.deepEqual(sink.sent.flat(), createUids(first, 6));
    assert.equal(delivery.counts().pending, 0);
    await delivery.close(HOUR_MS);
  }
});

test("a retryable failure sends the same batch again, backs off with full jitter and honours Retry-After", async () => {
  const log = createFakeLog();
  const clock = createFakeClock();
  const states: string[] = [];
  const sink = createSink("a", (_records, attempt) => {
    if (attempt === 3) throw new Error("no route");
    if (attempt < 8)
      return { kind: "retry", reason: "http_503", ...(attempt === 5 ? { retryAfterMs: 60_000 } : {}) };
    return DELIVERED;
  });
  const delivery = startDelivery(log, sink, {
    clock,
    random: () => 1,
    onStateChange: (state, reason) => states.push(`${state} ${reason}`),
  });
  delivery.notify(log.store(2));
  await delivery.flush(HOUR_MS);
  assert.equal(sink.sent.length, 8);
  for (const attempt of sink.sent) assert.deepEqual(attempt, createUids(1, 2));
  const waits = clock.slept.filter((delayMs) => delayMs >= 1000);
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 60_000, 30_000, 30_000]);
  assert.equal(delivery.counts().retries, 7);
  assert.deepEqual(states, ["retrying http_503", "delivering "]);
  await delivery.close(HOUR_MS);
});

test("a permanent refusal is counted by its reason with a sample, and the next batch goes on", async () => {
  const log = createFakeLog();
  const sink = createSink("a", (records, attempt) => {
    if (attempt === 1)
      return { kind: "rejected", reason: "http_400", count: records.length, message: "bad field" };
    if (attempt > 2) return DELIVERED;
    const rejected = [{ reason: "mapping", count: 1 }];
    return { kind: "partial", rejected, again: records.slice(1, 2), reason: "http_429" };
  });
  const delivery = startDelivery(log, sink, { clock: createFakeClock(), batchRecords: 3 });
  delivery.notify(log.store(6));
  await delivery.flush(HOUR_MS);
  const { exported, rejected, pending, retries } = delivery.counts();
  assert.deepEqual(
    { exported, rejected, pending, retries },
    {
      exported: 2,
      rejected: { http_400: 3, mapping: 1 },
      pending: 0,
      retries: 1,
    },
  );
  assert.equal(delivery.samples().get("http_400")?.message, "bad field");
  assert.equal(readUid(delivery.samples().get("http_400")!.record), uidOf(1));
  assert.deepEqual(sink.sent.at(-1), [uidOf(5)]);
  await delivery.close(HOUR_MS);
});

test("a destination that hangs is timed out, and another one does not notice", async () => {
  const log = createFakeLog();
  const signals: AbortSignal[] = [];
  const hanging: Destination = {
    name: "hanging",
    send: (_records, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    },
    shutdown: () => new Promise(() => {}),
  };
  const sink = createSink("fine", () => DELIVERED);
  const clock = createFakeClock();
  const deliveries = [startDelivery(log, hanging, { clock }), startDelivery(log, sink, { clock })] as const;
  const records = log.store(10);
  for (const delivery of deliveries) delivery.notify(records);
  assert.equal(await deliveries[1].flush(HOUR_MS), true);
  while (deliveries[0].counts().retries === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(signals[0]?.aborted, true);
  assert.ok(deliveries[0].counts().retries > 0);
  assert.equal(deliveries[0].counts().pending, 10);
  assert.equal(log.cursors.get("hanging"), "");
  await Promise.all(deliveries.map((delivery) => delivery.close(1000)));
});

test("records that retention destroyed before they were sent are counted as expired", async () => {
  const log = createFakeLog();
  let isDown = true;
  const sink = createSink("a", () => (isDown ? { kind: "retry", reason: "down" } : DELIVERED));
  const delivery = startDelivery(log, sink, { clock: createFakeClock(), batchRecords: 2, memoryRecords: 3 });
  delivery.notify(log.store(10));
  while (sink.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  log.expire(uidOf(8));
  isDown = false;
  await delivery.flush(HOUR_MS);
  // Two in flight and one in memory when the log lost them.
  assert.deepEqual([...new Set(sink.sent.flat())], [...createUids(1, 3), ...createUids(8, 10)]);
  const { exported, expired, pending } = delivery.counts();
  assert.deepEqual({ exported, expired, pending }, { exported: 6, expired: 4, pending: 0 });
  await delivery.close(HOUR_MS);
});
