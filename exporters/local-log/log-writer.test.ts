import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Clock } from "../clock.ts";
import { readUid } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { LogWriter, type RefusalReason } from "./log-writer.ts";
import { createUidSource } from "./uid.ts";

const nextUid = createUidSource();

/** A disk that takes no batch before `release` was called. */
function createSlowLog(): {
  append(records: readonly ReadableLogRecord[]): Promise<void>;
  release(): void;
  stored: number[];
} {
  const gate = Promise.withResolvers<void>();
  const stored: number[] = [];
  return {
    stored,
    release: () => gate.resolve(),
    append: async (records) => {
      await gate.promise;
      stored.push(...records.map((record) => Number(record.body)));
    },
  };
}

/** Sleeps end in the next turn; a deadline never comes. */
const fastClock: Clock = {
  sleep: (delayMs, signal) =>
    delayMs > 10_000
      ? new Promise((resolve) => signal?.addEventListener("abort", () => resolve()))
      : new Promise((resolve) => setImmediate(resolve)),
};

function createNumbered(number: number, severityNumber: number): ReadableLogRecord {
  return createSampleRecord(nextUid(), { body: number, severityNumber });
}

test("a full buffer gives up the oldest of the least severe records, and says so", async () => {
  const log = createSlowLog();
  const refused: number[] = [];
  const writer = new LogWriter(log, {
    maxBufferedRecords: 4,
    clock: fastClock,
    onRefused: (record, reason) => {
      assert.equal(reason, "buffer_full");
      refused.push(Number(record.body));
    },
  });
  const cases: readonly (readonly [severity: number, accepted: boolean, refused: readonly number[]])[] = [
    [13, true, []],
    [9, true, []],
    [17, true, []],
    [9, true, []],
    [9, false, [4]],
    [13, true, [4, 1]],
    [21, true, [4, 1, 3]],
    [13, false, [4, 1, 3, 7]],
    [17, true, [4, 1, 3, 7, 0]],
  ];
  for (const [number, [severity, accepted, expected]] of cases.entries()) {
    assert.equal(writer.offer(createNumbered(number, severity)), accepted, `record ${number}`);
    assert.deepEqual(refused, expected, `after record ${number}`);
  }
  log.release();
  assert.equal(await writer.flush(60_000), true);
  assert.deepEqual(log.stored, [2, 5, 6, 8]);
});

/** Which of the events whose records come, in this order, a buffer of ten records holds at the end; `c` is less severe. */
async function fill(names: string): Promise<{ readonly stored: string; readonly refused: string }> {
  const log = createSlowLog();
  const refused: number[] = [];
  const writer = new LogWriter(log, {
    maxBufferedRecords: 10,
    clock: fastClock,
    onRefused: (record) => refused.push(Number(record.body)),
  });
  for (const [number, name] of names.split("").entries()) {
    const severityNumber = name === "c" ? 9 : 17;
    writer.offer(createSampleRecord(nextUid(), { body: number, severityNumber, eventName: name }));
  }
  log.release();
  assert.equal(await writer.flush(60_000), true);
  const nameOf = (number: number): string => names[number] ?? "";
  return { stored: log.stored.map(nameOf).join(""), refused: refused.map(nameOf).join("") };
}

test("an event that fills the buffer keeps it as long as no other comes", async () => {
  assert.deepEqual(await fill("a".repeat(12)), { stored: "a".repeat(10), refused: "aa" });
});

test("an event that comes to a full buffer gets its half, whatever its severity, and no more", async () => {
  // Six of c come: the sixth would be more than half; and one more of a is refused too, however severe.
  const { stored, refused } = await fill(`${"a".repeat(10)}${"c".repeat(6)}a`);
  assert.deepEqual({ stored, refused }, { stored: "aaaaaccccc", refused: "aaaaaca" });
});

test("of three events each gets a third, taken from the one that holds most", async () => {
  const { stored, refused } = await fill(`${"a".repeat(8)}bb${"c".repeat(5)}`);
  assert.deepEqual({ stored, refused }, { stored: "aaaaabbccc", refused: "aaacc" });
});

test("among events above their share the more severe record takes the place of the less severe", async () => {
  // c holds seven of ten, a two, b one: a's third and fourth find room, its share of a third is used up then.
  const { stored, refused } = await fill(`${"c".repeat(7)}aab${"a".repeat(4)}`);
  assert.deepEqual({ stored, refused }, { stored: "cccaabaaaa", refused: "cccc" });
});

test("bytes bound the buffer as well as records", () => {
  const refused: RefusalReason[] = [];
  const writer = new LogWriter(createSlowLog(), {
    maxBufferedBytes: 10_000,
    onRefused: (_record, reason) => refused.push(reason),
  });
  const body = "x".repeat(6000);
  assert.equal(writer.offer(createSampleRecord(nextUid(), { body })), true);
  assert.equal(writer.offer(createSampleRecord(nextUid(), { body })), false);
  assert.deepEqual(refused, ["buffer_full"]);
});

test("a failed write is tried again with the same records in the same order", async () => {
  const attempts: (string | undefined)[][] = [];
  const errors: unknown[] = [];
  const stored: ReadableLogRecord[] = [];
  const writer = new LogWriter(
    {
      append: async (records) => {
        attempts.push(records.map(readUid));
        if (attempts.length < 4) throw new Error("disk");
      },
    },
    {
      clock: fastClock,
      onError: (error) => errors.push(error),
      onStored: (records) => stored.push(...records),
    },
  );
  const records = [createNumbered(0, 9), createNumbered(1, 21), createNumbered(2, 9)];
  for (const record of records) writer.offer(record);
  assert.equal(await writer.flush(60_000), true);
  assert.equal(errors.length, 3);
  for (const attempt of attempts) assert.deepEqual(attempt, records.map(readUid));
  assert.deepEqual(stored, records);
  assert.equal(writer.bufferedRecords, 0);
});

test("what cannot be stored is refused at once and holds up nothing", () => {
  const refused: RefusalReason[] = [];
  const writer = new LogWriter(createSlowLog(), { onRefused: (_record, reason) => refused.push(reason) });
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  assert.equal(writer.offer(createSampleRecord("not-a-ulid")), false);
  assert.equal(writer.offer(createSampleRecord(nextUid(), { body: circular })), false);
  assert.deepEqual(refused, ["unstorable", "unstorable"]);
});

test("closing with a disk that hangs counts every record that was not confirmed", async () => {
  const refused: RefusalReason[] = [];
  const writer = new LogWriter(createSlowLog(), {
    batchRecords: 2,
    onRefused: (_record, reason) => refused.push(reason),
  });
  for (let number = 0; number < 5; number += 1) writer.offer(createNumbered(number, 13));
  await writer.close(20);
  assert.equal(writer.offer(createNumbered(5, 13)), false);
  assert.deepEqual(
    refused,
    Array.from({ length: 6 }, () => "closed"),
  );
});

test("batches hold at most the configured number of records", async () => {
  const sizes: number[] = [];
  const writer = new LogWriter(
    { append: async (records) => void sizes.push(records.length) },
    { batchRecords: 500, clock: fastClock },
  );
  for (let number = 0; number < 1200; number += 1) writer.offer(createNumbered(number, 13));
  await writer.flush(60_000);
  assert.deepEqual(sizes, [500, 500, 200]);
});
