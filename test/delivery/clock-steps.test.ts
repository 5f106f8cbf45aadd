/** The wall clock steps, both ways, in the middle of a load and between two lives of the log; and time passes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readUid } from "#exporters/contract.ts";
import { waitUntil } from "../live/wait-until.ts";
import { createSink, Line } from "./line.ts";

const HOUR_MS = 3_600_000;
const NOON_MS = 1_780_000_000_000;
const A_STEP = 400;

function count(to: number): number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}

/** Each list is a life of the log; each number a step of the clock, in hours, before some more records. */
const cases: readonly (readonly (readonly number[])[])[] = [
  [[0, -1, 0, 1]],
  [[0, 1, -1, 0]],
  [[0], [-1, 0], [1]],
  [[0, 1], [-2], [1, 0]],
];

for (const lives of cases) {
  void test(`steps of ${JSON.stringify(lives)} hours: in order, none lost, none twice`, async (context) => {
    const directory = mkdtempSync(join(tmpdir(), "kerntel-steps-"));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    let nowMs = NOON_MS;
    const now = (): number => nowMs;
    const [prompt, late] = [createSink("prompt"), createSink("late", true)];
    let offered = 0;
    const uids: (string | undefined)[] = [];
    for (const [life, steps] of lives.entries()) {
      late.isDown = life < lives.length - 1;
      const line = await Line.start(context, [prompt, late], {
        directory,
        now,
        log: {
          clocks: () => ({ bootId: `boot ${life}`, bootMs: offered * 10, wallMs: nowMs }),
          segmentAgeMs: 1000,
          maxAgeMs: HOUR_MS / 2,
        },
        delivery: { batchRecords: 100, memoryRecords: 150 },
      });
      line.offered = offered;
      for (const hours of steps) {
        nowMs += hours * HOUR_MS;
        for (let record = 0; record < A_STEP; record++, nowMs += 10) line.offer(1);
        offered = line.offered;
        await line.writer.flush(60_000);
      }
      await line.writer.flush(60_000);
      await line.deliveries[0]?.flush(60_000);
      if (!late.isDown) await line.deliveries[1]?.flush(60_000);
      offered = line.offered;
      uids.push(...line.stored.map(readUid));
      for (const delivery of line.deliveries) {
        const { expired, unreadable, rejected } = delivery.counts();
        assert.deepEqual([expired, unreadable, rejected], [0, 0, {}]);
      }
      await line.close();
    }
    assert.equal(uids.length, offered);
    assert.ok(uids.every((uid, index) => index === 0 || String(uids[index - 1]) < String(uid)));
    for (const { taken } of [prompt, late]) assert.deepEqual(taken, count(offered));
  });
}

test("a clock that is set forward by years costs nothing; what grows old is counted for each follower", async (context) => {
  let [passedMs, steppedMs] = [0, 0];
  const now = (): number => NOON_MS + passedMs + steppedMs;
  const [late, prompt] = [createSink("late", true), createSink("prompt")];
  const line = await Line.start(context, [late, prompt], {
    now,
    log: {
      clocks: () => ({ bootId: "one", bootMs: passedMs, wallMs: now() }),
      segmentAgeMs: HOUR_MS / 10,
      maxAgeMs: HOUR_MS / 2,
      segmentBytes: 1,
    },
    delivery: { batchRecords: 100, memoryRecords: 100 },
  });
  for (let round = 0; round < 6; round++) {
    line.offer(1000);
    await line.writer.flush(60_000);
    passedMs += HOUR_MS / 20;
    steppedMs += round % 2 === 0 ? 90_000 * HOUR_MS : -80_000 * HOUR_MS;
  }
  await line.settle(line.deliveries.slice(1));
  const pending = await line.log.countAfter("");
  assert.equal(pending, 6000);
  assert.deepEqual(line.log.counts().retired, { age: 0, size: 0 });
  passedMs += HOUR_MS;
  line.offer(500);
  await line.writer.flush(60_000);
  await waitUntil("retention", () => (line.log.counts().expired >= 5000 ? true : undefined));
  late.isDown = false;
  await line.settle();
  const { exported, expired } = line.deliveries[0]?.counts() ?? { exported: 0, expired: 0 };
  assert.equal(exported + expired, 6500);
  // Whole segments go, and a batch or two were out of the log already.
  assert.ok(expired >= 4000 && expired < 6500, `${expired} expired`);
  assert.equal(new Set(late.taken).size, exported);
  assert.deepEqual(late.taken.slice(-500), count(6500).slice(-500));
  assert.equal(line.deliveries[1]?.counts().expired, 0);
  // One of two destinations had them: they are counted there, and not as retired.
  assert.deepEqual(line.log.counts().retired, { age: 0, size: 0 });
});

test("records that every destination has got are counted as retired when retention destroys them", async (context) => {
  let passedMs = 0;
  const line = await Line.start(context, [createSink("one"), createSink("other")], {
    log: {
      clocks: () => ({ bootId: "one", bootMs: passedMs, wallMs: NOON_MS }),
      maxAgeMs: HOUR_MS,
      segmentBytes: 1,
    },
  });
  for (let round = 0; round < 3; round++) {
    line.offer(1000);
    await line.settle();
  }
  passedMs += 2 * HOUR_MS;
  line.offer(1000);
  await line.settle();
  const { retired, expired } = await waitUntil("retention", () => {
    const counts = line.log.counts();
    return counts.retired.age > 0 ? counts : undefined;
  });
  assert.deepEqual([retired.size, retired.age], [0, expired]);
  for (const delivery of line.deliveries) assert.equal(delivery.counts().expired, 0);
  line.checkBooks();
});
