import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSince } from "./since.ts";

const nowMs = Date.UTC(2026, 7, 1, 12);

const cases: readonly [text: string, expectedMs: number][] = [
  ["90s", nowMs - 90_000],
  ["15m", nowMs - 900_000],
  ["2h", nowMs - 7_200_000],
  ["7d", nowMs - 604_800_000],
  ["2026-08-01T11:00:00Z", nowMs - 3_600_000],
  ["2026-08-01T13:00:00.123456789+02:00", nowMs - 3_600_000 + 123],
  ["2026-08-01", nowMs - 43_200_000],
];

for (const [text, expectedMs] of cases) {
  test(`--since understands ${text}`, () => {
    assert.equal(parseSince(text, nowMs), expectedMs);
  });
}

for (const text of ["", "yesterday", "5", "5w", "2026-13-01T00:00:00Z", "2026-08-01T11:00:00", "-5m"]) {
  test(`--since refuses "${text}" with an example of what it takes`, () => {
    assert.throws(() => parseSince(text, nowMs), { code: "USAGE", message: /2026-08-01T12:00:00Z/ });
  });
}
