import assert from "node:assert/strict";
import { test } from "node:test";
import { type Destination, readUid } from "../contract.ts";
import { startDelivery } from "./delivery.ts";
import { createFakeClock, HOUR_MS } from "./fake-clock.ts";
import { createFakeLog, createUids, uidOf } from "./fake-log.ts";

/** A small repeatable generator (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("whatever the order of storing, announcing, reading and failing, each record is taken exactly once", async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = createRandom(seed);
    const pause = async (): Promise<void> => {
      for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const log = createFakeLog(pause);
    const taken: string[] = [];
    const sink: Destination = {
      name: "a",
      send: async (records) => {
        await pause();
        if (random() < 0.3) return { kind: "retry", reason: "chance" };
        taken.push(...records.map((record) => readUid(record) ?? ""));
        return { kind: "delivered" };
      },
      shutdown: async () => {},
    };
    const backlog = Math.floor(random() * 8);
    log.store(backlog);
    const delivery = startDelivery(log, sink, {
      clock: createFakeClock(),
      random,
      batchRecords: 3,
      memoryRecords: 5,
      attemptTimeoutMs: HOUR_MS,
    });
    let total = backlog;
    for (let step = 0; step < 15; step += 1) {
      const records = log.store(Math.floor(random() * 7));
      total += records.length;
      await pause();
      delivery.notify(records);
      await pause();
    }
    assert.equal(await delivery.flush(HOUR_MS), true, `seed ${seed}`);
    assert.deepEqual(taken, createUids(1, total), `seed ${seed}`);
    const { exported, pending } = delivery.counts();
    assert.deepEqual({ exported, pending }, { exported: total, pending: 0 }, `seed ${seed}`);
    await delivery.close(HOUR_MS);
  }
});

test("a record announced while the disk turns out to be empty is not left out", async () => {
  const steps: (() => void)[] = [];
  const log = createFakeLog(async () => steps.shift()?.());
  log.store(3);
  log.cursors.set("a", "");
  log.expire(uidOf(4));
  const taken: string[] = [];
  const sink: Destination = {
    name: "a",
    send: async (records) => {
      taken.push(...records.map((record) => readUid(record) ?? ""));
      return { kind: "delivered" };
    },
    shutdown: async () => {},
  };
  const delivery = startDelivery(log, sink, { clock: createFakeClock(), attemptTimeoutMs: HOUR_MS });
  // The read pauses before it looks, and again after it found nothing.
  steps.push(
    () => {},
    () => delivery.notify(log.store(2)),
  );
  assert.equal(await delivery.flush(HOUR_MS), true);
  while (log.reads === 0 || steps.length > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await delivery.flush(HOUR_MS), true);
  assert.deepEqual(taken, createUids(4, 5));
  await delivery.close(HOUR_MS);
});
