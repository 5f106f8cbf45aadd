import assert from "node:assert/strict";
import { test } from "node:test";
import { createUidSource, isUid, lowestUidAt, readUidTimeMs } from "./uid.ts";

const NOON_MS = 1_780_000_000_000;

test("uids grow strictly whatever the clock does", () => {
  let newest: string | undefined;
  for (const startMs of [NOON_MS, NOON_MS, NOON_MS - 3_600_000, NOON_MS + 3_600_000, NOON_MS]) {
    let nowMs = startMs;
    const nextUid = createUidSource(newest, () => nowMs);
    for (const stepMs of [0, 0, 1, -3_600_000, 0, 7_200_000, -1]) {
      nowMs += stepMs;
      const uid = nextUid();
      assert.ok(newest === undefined || uid > newest, `${uid} after ${newest}`);
      assert.ok(isUid(uid));
      newest = uid;
    }
  }
});

test("a uid carries its time, and the lowest uid of a time is not above any of that time", () => {
  const uid = createUidSource(undefined, () => NOON_MS)();
  assert.equal(readUidTimeMs(uid), NOON_MS);
  assert.ok(lowestUidAt(NOON_MS) <= uid);
  assert.ok(lowestUidAt(NOON_MS + 1) > uid);
  assert.ok(isUid(lowestUidAt(NOON_MS)));
});
