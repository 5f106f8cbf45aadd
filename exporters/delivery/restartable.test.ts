import assert from "node:assert/strict";
import { test } from "node:test";
import { type Destination, readUid } from "../contract.ts";
import { createFakeClock, HOUR_MS } from "./fake-clock.ts";
import { createFakeLog, createUids } from "./fake-log.ts";
import { RestartableDelivery } from "./restartable.ts";

test("a delivery that is started anew goes on at its cursor, with its counts and without closing the destination", async () => {
  const log = createFakeLog();
  const sent: string[] = [];
  let shutdowns = 0;
  const destination: Destination = {
    name: "a",
    send: async (records) => {
      sent.push(...records.map((record) => readUid(record) ?? ""));
      return { kind: "delivered" };
    },
    shutdown: async () => {
      shutdowns += 1;
    },
  };
  const delivery = new RestartableDelivery(log, destination, { clock: createFakeClock(), random: () => 0 });
  delivery.notify(log.store(3));
  assert.equal(await delivery.flush(HOUR_MS), true);
  delivery.restart();
  delivery.restart();
  // Announced to the one that ends, or to none.
  delivery.notify(log.store(2));
  while (delivery.counts().exported < 5) await new Promise(setImmediate);
  delivery.notify(log.store(1));
  assert.equal(await delivery.flush(HOUR_MS), true);
  assert.deepEqual(sent, createUids(1, 6));
  assert.deepEqual([delivery.counts().exported, delivery.counts().pending, shutdowns], [6, 0, 0]);
  await delivery.close(HOUR_MS);
  delivery.restart();
  assert.equal(shutdowns, 1);
});

test("after an error that nothing expected what was not sent is sent, once", async () => {
  const log = createFakeLog();
  const sent: string[] = [];
  const states: string[] = [];
  const delivery = new RestartableDelivery(
    log,
    {
      name: "a",
      send: async (records) => {
        if (states.length === 0) return { kind: "retry", reason: "down" };
        sent.push(...records.map((record) => readUid(record) ?? ""));
        return { kind: "delivered" };
      },
      shutdown: async () => {},
    },
    {
      clock: createFakeClock(),
      random: () => 0,
      onStateChange: (state) => {
        states.push(state);
        if (states.length === 1) throw new Error("a listener that fails");
      },
    },
  );
  const taken: unknown[] = [];
  const take = (error: unknown): void => {
    taken.push(error);
    delivery.restart();
  };
  const before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", take);
  try {
    delivery.notify(log.store(4));
    while (delivery.counts().exported < 4) await new Promise(setImmediate);
  } finally {
    process.off("unhandledRejection", take);
    for (const listener of before) process.on("unhandledRejection", listener);
  }
  assert.deepEqual(sent, createUids(1, 4));
  assert.equal(delivery.counts().pending, 0);
  await delivery.close(HOUR_MS);
});
