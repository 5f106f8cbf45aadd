import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toHistogramValue } from "./duration-histogram.ts";

const header = readFileSync(new URL("../../bpf/include/histogram.h", import.meta.url), "utf8");
const buckets = Number(/#define DURATION_BUCKETS (\d+)/.exec(header)?.[1]);

test("the kernel half has a bucket for each boundary and one for the rest", () => {
  const counts = Array.from({ length: buckets }, (_, index) => index);
  const value = toHistogramValue({ buckets: counts, sum: 2_500_000_000 });
  assert.equal(value.boundaries.length, buckets - 1);
  assert.deepEqual(value.boundaries.slice(0, 4), [0.000001, 0.000002, 0.000004, 0.000008]);
  assert.deepEqual([value.counts, value.sum], [counts, 2.5]);
});
