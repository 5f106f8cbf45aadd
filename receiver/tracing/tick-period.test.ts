import assert from "node:assert/strict";
import { test } from "node:test";
import { tickPeriod } from "./tick-period.ts";

for (const [jiffies, elapsedNs, expected] of [
  [62n, 250_000_000n, 4_032_258],
  [250n, 250_100_000n, 1_000_400],
  [25n, 252_000_000n, 10_000_000],
  [0n, 250_000_000n, 10_000_000],
] as const) {
  test(`${jiffies} jiffies in ${elapsedNs} ns are a tick each ${expected} ns`, () => {
    const before = { clock_jiffies: 100n, clock_ns: 5n };
    const after = { clock_jiffies: 100n + jiffies, clock_ns: 5n + elapsedNs };
    assert.equal(tickPeriod(before, after), expected);
  });
}
