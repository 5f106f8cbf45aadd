import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_SLEEP_MS, limitDelayMs, systemClock } from "./clock.ts";
import { readRetryAfterMs } from "./retry-after.ts";

const DAY_MS = 86_400_000;
const nowMs = Date.parse("2026-12-01T00:00:00Z");

const delays: readonly [delayMs: number, sleptMs: number][] = [
  [0, 0],
  [1_500, 1_500],
  [14 * DAY_MS, LONGEST_SLEEP_MS],
  [30 * DAY_MS, LONGEST_SLEEP_MS],
  [2 ** 31, LONGEST_SLEEP_MS],
  [Infinity, LONGEST_SLEEP_MS],
  [-1, 0],
  [NaN, 0],
];

for (const [delayMs, sleptMs] of delays)
  test(`a sleep of ${delayMs} ms takes ${sleptMs} ms`, () => assert.equal(limitDelayMs(delayMs), sleptMs));

for (const delayMs of [2 ** 31, 30 * DAY_MS, Infinity])
  test(`the system's clock does not end a sleep of ${delayMs} ms at once`, async () => {
    const stop = new AbortController();
    let isAwake = false;
    const asleep = systemClock.sleep(delayMs, stop.signal).then(() => (isAwake = true));
    // Node would end it after 1 ms: many turns of its timers are enough to see that.
    for (let turn = 0; turn < 20; turn++) await systemClock.sleep(1);
    assert.equal(isAwake, false);
    stop.abort();
    await asleep;
  });

const headers: readonly [value: string, waitMs: number | undefined][] = [
  ["40", 40_000],
  ["1209600", LONGEST_SLEEP_MS],
  ["2592000", LONGEST_SLEEP_MS],
  ["9".repeat(400), LONGEST_SLEEP_MS],
  ["Fri, 01 Jan 2100 00:00:00 GMT", LONGEST_SLEEP_MS],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["-5", undefined],
  ["soon", undefined],
];

for (const [value, waitMs] of headers)
  test(`Retry-After ${value.slice(0, 40)} means ${waitMs ?? "no"} ms`, () =>
    assert.equal(readRetryAfterMs(value, nowMs), waitMs));

test("a clock that is decades behind does not make a date of today a wait of decades", () =>
  assert.equal(readRetryAfterMs("Tue, 01 Dec 2026 00:01:00 GMT", 0), LONGEST_SLEEP_MS));
