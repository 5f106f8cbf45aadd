import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openObject } from "../source/index.ts";
import { bpfDescriptors, fixture, live, request } from "./fixture.ts";

/** Memory that the allocator or V8 keeps; a leak of one small object per cycle would exceed it. */
const toleranceBytes = 24 * 1024 * 1024;
const isSanitized = /libasan/.test(process.env["LD_PRELOAD"] ?? "");
const measured = isSanitized ? { skip: "the sanitizers keep freed memory" } : {};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function rssAfter(cycles: number, cycle: () => void): number {
  for (let index = 0; index < cycles; index++) cycle();
  collectGarbage();
  return process.memoryUsage().rss;
}

function assertNoGrowth(cycles: number, cycle: () => void): void {
  const warm = rssAfter(Math.ceil(cycles / 5), cycle);
  const before = bpfDescriptors();
  const grown = rssAfter(cycles, cycle) - warm;
  assert.ok(grown < toleranceBytes, `grew by ${grown} bytes in ${cycles} cycles`);
  assert.deepEqual(bpfDescriptors(), before);
}

describe("memory", measured, () => {
  const image = readFileSync(fixture("ring"));

  test("does not grow over 10,000 cycles of open and close", () => {
    assertNoGrowth(10_000, () => openObject(image, { programs: ["produce"] }).close());
  });

  test("does not grow over 10,000 objects that cannot be opened", () => {
    const half = image.subarray(0, image.length / 2);
    assertNoGrowth(10_000, () => assert.throws(() => openObject(half)));
  });

  test("does not grow over 300 cycles of load, attach, read and close", live, () => {
    assertNoGrowth(300, () => {
      using object = openObject(image).load();
      object.attach("produce_raw");
      using reader = object.ringReader("ring", {}, () => {});
      object.program("produce").run({ context: request(0, 10) });
      // The attached program adds one for each process that ends meanwhile.
      assert.ok(reader.drain() >= 10);
    });
  });

  test("does not grow over 300 objects that cannot be loaded", live, () => {
    const path = fixture("rejected");
    assertNoGrowth(300, () =>
      assert.throws(() => openObject(path, { programs: ["reads_wild_pointer"] }).load()),
    );
  });
});
