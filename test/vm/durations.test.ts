import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepDurations, readKept, sumDurations, usualDurations } from "./durations.ts";
import { findGuestTests } from "./guest-tests.ts";

test("what a file took is the sum of its tests", () => {
  const results = [
    { file: "a.test.ts", durationMs: 1_000.4 },
    { file: "b.test.ts", durationMs: 5 },
    { file: "a.test.ts", durationMs: 2_000 },
  ];
  assert.deepEqual(sumDurations(results), { "a.test.ts": 3_000, "b.test.ts": 5 });
});

test("most files of guests have been measured", () => {
  assert.ok(findGuestTests().filter((file) => usualDurations[file] !== undefined).length > 20);
});

test("files that were not run keep what they took before", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "durations-"));
  context.after(() => rmSync(folder, { recursive: true }));
  keepDurations(folder, { "a.test.ts": 1, "b.test.ts": 2 });
  keepDurations(folder, { "b.test.ts": 3 });
  assert.deepEqual(readKept(folder), { "a.test.ts": 1, "b.test.ts": 3 });
});
