/** What destinations answer on bad days, over each protocol, with a line of records behind: the books hold at every step. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readUid } from "#exporters/contract.ts";
import { createFakeClock } from "#exporters/delivery/fake-clock.ts";
import { waitUntil } from "../live/wait-until.ts";
import { createDestination, protocols } from "./create-destination.ts";
import { startReceiver } from "./faulty-receiver.ts";
import type { Answer, Protocol } from "./faulty-receiver.ts";
import { createSink, Line } from "./line.ts";

const RECORDS = 1500;
interface Case {
  readonly title: string;
  readonly answer: (attempt: number, uids: readonly string[], sizeBytes: number) => Answer;
  /** By reason; nothing where left out. */
  readonly rejected?: Readonly<Record<Protocol, Readonly<Record<string, number>>>>;
  /** Wait that the delivery is told to keep. */
  readonly retryAfterMs?: number;
  readonly hasRetries: boolean;
  readonly batchRecords?: number;
}

let refusedOnce: string | undefined;

const cases: readonly Case[] = [
  {
    title: "429 with Retry-After waits as long as it was told",
    answer: (attempt) =>
      attempt <= 2 ? { kind: "fail", status: 429, retryAfterSeconds: 40 } : { kind: "take" },
    retryAfterMs: 40_000,
    hasRetries: true,
  },
  {
    title: "503 is tried again until it works",
    answer: (attempt) => (attempt % 3 === 0 ? { kind: "take" } : { kind: "fail", status: 503 }),
    hasRetries: true,
  },
  ...[408, 500].map((status) => ({
    title: `${status} is tried again until it works`,
    answer: (attempt: number): Answer => (attempt % 3 === 0 ? { kind: "take" } : { kind: "fail", status }),
    hasRetries: true,
  })),
  {
    title: "one of 500 that is refused costs this one only",
    answer: (_, uids) => {
      refusedOnce ??= uids[137];
      return { kind: "refuse", uids: new Set(refusedOnce === undefined ? [] : [refusedOnce]) };
    },
    rejected: {
      elasticsearch: { document_parsing_exception: 1 },
      otlp_http: { partial_success: 1 },
      otlp_grpc: { partial_success: 1 },
    },
    hasRetries: false,
  },
  {
    title: "a batch that is too large arrives in parts",
    answer: (_, uids) => (uids.length > 120 ? { kind: "fail", status: 413 } : { kind: "take" }),
    hasRetries: false,
  },
  {
    title: "a batch that is refused for good is counted whole, and the next ones go on",
    answer: (attempt) => (attempt === 2 ? { kind: "fail", status: 400 } : { kind: "take" }),
    rejected: {
      elasticsearch: { http_400: 500 },
      otlp_http: { http_400: 500 },
      otlp_grpc: { grpc_invalid_argument: 500 },
    },
    hasRetries: false,
  },
];

for (const { title, answer, rejected, retryAfterMs, hasRetries } of cases) {
  for (const kind of protocols) {
    void test(`${kind}: ${title}`, async (context) => {
      refusedOnce = undefined;
      const receiver = await startReceiver(context, { kind, answer });
      const clock = createFakeClock();
      const line = await Line.start(context, [createDestination[kind](receiver.url), createSink("other")], {
        delivery: { batchRecords: 500, clock, attemptTimeoutMs: Infinity },
      });
      line.offer(RECORDS);
      await line.settle();
      const [delivery, other] = line.deliveries;
      const counts = delivery?.counts();
      assert.deepEqual(counts?.rejected, rejected?.[kind] ?? {});
      const lost = Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
      assert.equal(counts.exported, RECORDS - lost);
      assert.equal(counts.retries > 0, hasRetries);
      assert.equal(new Set(receiver.taken).size, RECORDS - lost);
      assert.equal(receiver.taken.length, RECORDS - lost);
      for (const reason of Object.keys(counts.rejected)) {
        const sample = delivery?.samples().get(reason);
        assert.ok(sample && line.stored.includes(sample.record), "a refusal keeps one of its records");
        if (kind === "elasticsearch" && refusedOnce) assert.equal(readUid(sample.record), refusedOnce);
      }
      if (retryAfterMs !== undefined) assert.ok(clock.slept.includes(retryAfterMs));
      assert.equal(other?.counts().exported, RECORDS);
    });
  }
}

for (const kind of protocols) {
  void test(`${kind}: a destination that accepts and never answers keeps its records, and another does not notice`, async (context) => {
    let isHanging = true;
    const receiver = await startReceiver(context, {
      kind,
      answer: () => (isHanging ? { kind: "hang" } : { kind: "take" }),
    });
    const sink = createSink("other");
    const line = await Line.start(context, [createDestination[kind](receiver.url), sink], {
      delivery: { attemptTimeoutMs: 100, memoryRecords: 600 },
    });
    line.offer(RECORDS);
    await line.settle(line.deliveries.slice(1));
    assert.equal(sink.taken.length, RECORDS);
    const [hung] = line.deliveries;
    await waitUntil("an attempt to be given up", () => (hung?.counts().retries ?? 0) > 1 || undefined);
    line.checkBooks();
    assert.equal(hung?.counts().pending, RECORDS);
    isHanging = false;
    await line.settle();
    assert.deepEqual(new Set(receiver.taken), new Set(line.stored.map(readUid)));
  });
}
