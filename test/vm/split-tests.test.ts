import assert from "node:assert/strict";
import { test } from "node:test";
import { findGuestTests } from "./guest-tests.ts";
import { splitTests } from "./split-tests.ts";

test("every live test is in one share, and no share is empty", () => {
  const files = findGuestTests();
  assert.ok(files.includes("events/oom/oom.live.test.ts"));
  for (const count of [1, 2, files.length + 1]) {
    const shares = splitTests(files, count, {});
    assert.deepEqual(shares.flat().sort(), files);
    assert.equal(shares.length, Math.min(count, files.length));
    assert.ok(shares.every((share) => share.length > 0));
  }
});

test("a file that was measured weighs as much as it took", () => {
  const [slow = "", ...quick] = findGuestTests().slice(0, 4);
  const durations = { [slow]: 90_000, ...Object.fromEntries(quick.map((file) => [file, 1_000])) };
  assert.deepEqual(splitTests([slow, ...quick], 2, durations), [[slow], quick]);
});
