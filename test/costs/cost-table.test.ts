import assert from "node:assert/strict";
import { test } from "node:test";
import { findGrowth, isSame } from "./cost-growth.ts";
import type { CostRows } from "./cost-rows.ts";
import { readCosts, writeCosts } from "./cost-table.ts";

function rows(instructions: number, verified: number, withProbes: number): CostRows {
  const name = { event: "dropwatch", program: "drop", hook: "tp_btf/kfree_skb" };
  return {
    release: "6.1.0-56-cloud-amd64",
    parts: [{ part: "read clock", instructions: 53 }],
    hits: [{ ...name, state: "limited", workload: "closed-port", instructions, empty: 45 }],
    programs: [
      { ...name, verified, notMeasured: "" },
      { ...name, program: "older", verified: undefined, notMeasured: "not loaded on 6.1" },
    ],
    whole: [{ workload: "closed-port", count: 3_000, without: 13_000, withProbes }],
  };
}

const before = rows(1_000, 6_000, 14_000);

test("a table that is written is read as it was", () => {
  assert.deepEqual(readCosts(writeCosts(before)), before);
  assert.deepEqual(readCosts(""), { release: "", parts: [], hits: [], programs: [], whole: [] });
});

test("HUATUO's figure stands beside that of the same hook", () => {
  assert.match(writeCosts(before), /\| 1,000 \| 45 \| 22\.2 \| 955 \| 2,210 \| 43 % \|\n/);
  assert.match(writeCosts(before), /\| 13,000 \| 14,000 \| 1,000 \| 7\.7 % \| 31\.0 % \|\n/);
});

for (const [title, now, grown, same] of [
  ["the same", before, [], true],
  ["a little more", rows(1_015, 6_050, 14_050), [], true],
  ["nine per cent more", rows(1_090, 6_000, 14_000), [], false],
  ["much less", rows(500, 3_000, 13_100), [], false],
  [
    "more for a hit",
    rows(1_101, 6_000, 14_000),
    ["dropwatch: drop, limited by closed-port: was 1000, is 1101"],
    false,
  ],
  [
    "more for the verifier",
    rows(1_000, 6_601, 14_000),
    ["dropwatch: what the verifier looks at of drop: was 6000, is 6601"],
    false,
  ],
  [
    "more for all probes",
    rows(1_000, 6_000, 14_200),
    ["all probes: added to closed-port: was 1000, is 1200"],
    false,
  ],
  [
    "a figure less",
    { ...before, hits: [] },
    ["dropwatch: drop, limited by closed-port: was 1000, is not measured any more"],
    false,
  ],
] as const) {
  test(`a table with ${title} has ${grown.length} figures that grew`, () => {
    assert.deepEqual(findGrowth(before, now), grown);
    assert.equal(isSame(before, now), same);
  });
}
