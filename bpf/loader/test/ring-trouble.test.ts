import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { live, load, request, until } from "./fixture.ts";
import { collector, produce, range } from "./ring-records.ts";

describe("a ring reader in trouble", live, () => {
  test("goes on after an exception, which is uncaught and loses only its own batch", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    const uncaught: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      using reader = object.ringReader("ring", { maxRecordsPerTurn: 5 }, (batch) => {
        if (uncaught.length < 2) throw new Error("from onBatch");
        take(batch);
      });
      produce(object, 0, 20);
      await until(() => numbers.length === 10, "the batches after the exceptions");
      produce(object, 20, 1);
      await until(() => numbers.length === 11, "a later record");
      assert.equal(reader.counts().recordsRead, 21);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
    assert.deepEqual(
      uncaught.map((error) => (error as Error).message),
      ["from onBatch", "from onBatch"],
    );
    assert.deepEqual(numbers, range(10, 11));
  });

  test("calls onBatch in the asynchronous context in which it was made, so that an error is known to be its own", async () => {
    using object = load("ring");
    const owners = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    using reader = owners.run("owner", () =>
      object.ringReader("ring", { maxRecordsPerTurn: 5 }, () => seen.push(owners.getStore())),
    );
    produce(object, 0, 20);
    await until(() => reader.counts().recordsRead === 20, "all batches");
    assert.deepEqual(new Set(seen), new Set(["owner"]));
  });

  test("passes on what a batch throws while it is drained, and stays usable", () => {
    using object = load("ring");
    let isFirst = true;
    using reader = object.ringReader("ring", { maxRecordsPerTurn: 2 }, () => {
      if (isFirst) {
        isFirst = false;
        throw new Error("once");
      }
    });
    produce(object, 0, 6);
    assert.throws(() => reader.drain(), /once/);
    assert.equal(reader.drain(), 4);
  });

  test("refuses to be drained from within a batch", () => {
    using object = load("ring");
    const codes: unknown[] = [];
    using reader = object.ringReader("ring", {}, () => {
      assert.throws(
        () => reader.drain(),
        (error: { code?: unknown }) => codes.push(error.code) > 0,
      );
    });
    produce(object, 0, 1);
    reader.drain();
    assert.deepEqual(codes, ["BPF_READER_BUSY"]);
  });

  for (const how of ["reader", "object"] as const) {
    test(`can be closed from within a batch, by its ${how}`, async () => {
      const object = load("ring");
      let batches = 0;
      const reader = object.ringReader("ring", { maxRecordsPerTurn: 1 }, () => {
        batches++;
        (how === "reader" ? reader : object).close();
      });
      produce(object, 0, 10);
      await until(() => batches > 0, "a batch");
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(batches, 1);
      reader.close();
      for (const use of [
        () => reader.drain(),
        () => reader.pause(),
        () => reader.resume(),
        () => reader.counts(),
        () => reader.ref(),
        () => reader.unref(),
      ])
        assert.throws(use, { code: "BPF_CLOSED" });
      object.close();
    });
  }

  test("waits for a record that is still being written, and does not overtake it", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", {}, take);
    const workerData = { fd: object.program("produce_slowly").fd, context: request(1, 1) };
    const worker = new Worker(new URL("children/run-program.ts", import.meta.url), { workerData });
    const ended = once(worker, "exit");
    await until(() => reader.counts().pendingBytes > 0, "the beginning of the record");
    produce(object, 2, 1);
    let turns = 0;
    await until(() => ++turns > 5, "some turns of the event loop");
    assert.equal(reader.drain(), 0);
    assert.deepEqual(numbers, []);
    object.map("gate").update(0, 1);
    await until(() => numbers.length === 2, "both records");
    assert.deepEqual(numbers, [1, 2]);
    await ended;
  });
});
