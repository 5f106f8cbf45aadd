import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openObject } from "../source/index.ts";
import { fixture, live, load, request, until } from "./fixture.ts";
import { collector, produce, range } from "./ring-records.ts";

describe("a ring reader", live, () => {
  test("delivers every record in order, across many turns around the ring", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", { lostMap: "lost" }, take);
    for (let round = 0; round < 50; round++) {
      produce(object, round * 100, 100);
      await until(() => numbers.length === (round + 1) * 100, "records of the round");
    }
    assert.deepEqual(numbers, range(0, 5000));
    const { recordsRead, pendingBytes, lost } = reader.counts();
    assert.deepEqual({ recordsRead, pendingBytes, lost }, { recordsRead: 5000, pendingBytes: 0, lost: 0 });
  });

  test("leaves out what the program discarded", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", {}, take);
    produce(object, 0, 100, 3);
    await until(() => reader.counts().pendingBytes === 0, "an empty ring");
    assert.deepEqual(
      numbers,
      range(0, 100).filter((number) => number % 3 !== 0),
    );
    produce(object, 0, 20, 1);
    await until(() => reader.counts().pendingBytes === 0, "an empty ring");
    assert.equal(reader.counts().recordsRead, numbers.length);
  });

  test("accounts for every record of an overflow: read + lost = produced", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", { lostMap: "lost" }, take);
    reader.pause();
    produce(object, 0, 1000);
    const { pendingBytes, lost = 0 } = reader.counts();
    assert.ok(pendingBytes > 60 * 1024 && lost > 0);
    assert.equal(numbers.length, 0);
    reader.resume();
    await until(() => reader.counts().pendingBytes === 0, "an empty ring");
    assert.equal(numbers.length + lost, 1000);
    assert.deepEqual(numbers, range(0, numbers.length));
  });

  test("reads no more than a bounded number of records per turn of the event loop", async () => {
    using object = load("ring");
    const { batches, take } = collector();
    const perTurn = new Map<number, number>();
    let turn = 0;
    let isOver = false;
    const countTurns = (): void => {
      turn++;
      if (!isOver) setImmediate(countTurns);
    };
    using reader = object.ringReader("ring", { maxRecordsPerTurn: 10 }, (batch) => {
      take(batch);
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + batch.count);
    });
    produce(object, 0, 250);
    setImmediate(countTurns);
    await until(() => reader.counts().recordsRead === 250, "all records");
    isOver = true;
    assert.ok(batches.every((count) => count <= 10));
    assert.ok(
      [...perTurn.values()].every((count) => count <= 20),
      "a wake-up and an immediate at most",
    );
  });

  test("reads no more ring space per batch than allowed", () => {
    using object = load("ring");
    const { batches, take } = collector();
    using reader = object.ringReader("ring", { maxBytesPerTurn: 1000 }, take);
    produce(object, 0, 60);
    assert.equal(reader.drain(), 60);
    assert.ok(batches.every((count) => count <= 6));
  });

  test("grows its buffer for a record that is larger", () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", { maxBytesPerTurn: 512 }, take);
    produce(object, 1, 1);
    object.program("produce_large").run({ context: request(2, 1) });
    produce(object, 3, 1);
    assert.equal(reader.drain(), 3);
    assert.deepEqual(numbers, [1, 2, 3]);
  });

  test("waits while paused, and goes on afterwards, also from within a batch", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", { maxRecordsPerTurn: 4 }, (batch) => {
      take(batch);
      reader.pause();
    });
    produce(object, 0, 12);
    await until(() => numbers.length === 4, "the first batch");
    reader.resume();
    reader.resume();
    await until(() => numbers.length === 8, "the second batch");
    produce(object, 12, 1);
    assert.equal(numbers.length, 8);
    assert.equal(reader.drain(), 5);
    reader.resume();
    produce(object, 13, 1);
    await until(() => numbers.length === 14, "what came after");
    assert.deepEqual(numbers, range(0, 14));
  });

  test("drains at once what is there, and not what its own batches bring", () => {
    using object = load("ring");
    let seen = 0;
    using reader = object.ringReader("ring", { maxRecordsPerTurn: 5 }, (batch) => {
      seen += batch.count;
      produce(object, 1000, 1);
    });
    produce(object, 0, 20);
    const drained = reader.drain();
    assert.equal(drained, seen);
    assert.ok(drained >= 20 && drained < 40);
    assert.ok(reader.counts().pendingBytes > 0);
  });

  test("of several rings each gets its own records", async () => {
    using first = load("ring");
    using second = load("ring");
    const [one, two] = [collector(), collector()];
    using readerOne = first.ringReader("ring", {}, one.take);
    using readerTwo = second.ringReader("ring", {}, two.take);
    produce(first, 0, 10);
    produce(second, 100, 10);
    await until(() => readerOne.counts().recordsRead + readerTwo.counts().recordsRead === 20, "all records");
    assert.deepEqual(one.numbers, range(0, 10));
    assert.deepEqual(two.numbers, range(100, 10));
  });

  test("wakes for single records that come one after the other", async () => {
    using object = load("ring");
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", {}, take);
    for (let number = 0; number < 300; number++) {
      produce(object, number, 1);
      await until(() => numbers.length === number + 1, `record ${number}`);
    }
    assert.equal(reader.counts().recordsRead, 300);
  });

  test("reads a ring whose size was rounded up by libbpf", () => {
    using open = openObject(fixture("ring"), { programs: ["produce"] });
    open.setMaxEntries("ring", 5000);
    using object = open.load();
    const { capacity } = object.map("ring");
    assert.ok(capacity > 5000 && (capacity & (capacity - 1)) === 0);
    const { numbers, take } = collector();
    using reader = object.ringReader("ring", { lostMap: "lost" }, take);
    produce(object, 0, 200);
    assert.equal(reader.drain() + (reader.counts().lost ?? 0), 200);
    assert.deepEqual(numbers, range(0, numbers.length));
  });

  test("refuses what is no ring, and limits that are none", () => {
    using object = load("ring");
    const read = (map: string, options: object) => () => object.ringReader(map, options, () => {});
    assert.throws(read("lost", {}), { code: "BPF_ARGUMENT_INVALID", message: /percpu_array/ });
    assert.throws(read("nope", {}), { code: "BPF_NOT_FOUND", phase: "read" });
    assert.throws(read("ring", { lostMap: "nope" }), { code: "BPF_NOT_FOUND" });
    assert.throws(read("ring", { maxRecordsPerTurn: 0 }), { code: "BPF_ARGUMENT_INVALID" });
    assert.throws(read("ring", { maxBytesPerTurn: "1" }), { code: "BPF_ARGUMENT_INVALID" });
  });
});
