import assert from "node:assert/strict";
import { test } from "node:test";
import { StallSeries } from "./stall-series.ts";
import type { CountedCgroup, DurationSum } from "./stall-series.ts";

const MINUTES_MS = 60_000;

function sums(...counts: readonly (readonly [id: number, kind: number, count: number])[]): DurationSum[] {
  return counts.map(([id, kind, count]) => ({
    key: { cgroup_id: BigInt(id), kind: BigInt(kind) },
    value: { buckets: [count, 0], sum: count * 10 },
  }));
}

function cgroup(id: number, containerId?: string, isRemoved = false): CountedCgroup {
  return { id: BigInt(id), containerId, isRemoved };
}

/** As `kind container count`, sorted. */
function read(series: StallSeries, counted: readonly DurationSum[]): string[] {
  return series
    .read(counted)
    .map(
      ({ kind, containerId = "host", buckets, sum }) => `${kind} ${containerId} ${buckets.join("+")}=${sum}`,
    )
    .sort();
}

test("cgroups of one container are one series for each kind, and those of none are the host's", () => {
  const series = new StallSeries();
  const counted = sums([1, 0, 3], [2, 0, 4], [2, 1, 5], [3, 0, 6], [4, 0, 7]);
  const cgroups = [cgroup(1, "a"), cgroup(2, "a"), cgroup(3), cgroup(4)];
  assert.deepEqual(series.note(cgroups, counted, 0), []);
  assert.deepEqual(read(series, counted), ["0 a 7+0=70", "0 host 13+0=130", "1 a 5+0=50"]);
});

test("the series of a container ends minutes after its last cgroup did", () => {
  const series = new StallSeries();
  const counted = sums([1, 0, 3], [2, 0, 4]);
  series.note([cgroup(1, "a"), cgroup(2, "a")], counted, 0);
  assert.deepEqual(series.note([cgroup(1, "a", true), cgroup(2, "a")], counted, 0), []);
  assert.deepEqual(series.note([cgroup(1, "a", true), cgroup(2, "a")], counted, 4 * MINUTES_MS), []);
  assert.deepEqual(series.note([cgroup(1, "a", true), cgroup(2, "a")], counted, 5 * MINUTES_MS), [1n]);
  // What the first counted stays, also when the kernel half has forgotten it.
  assert.deepEqual(read(series, counted), ["0 a 7+0=70"]);
  const left = sums([2, 0, 5]);
  series.note([cgroup(2, "a", true)], left, 6 * MINUTES_MS);
  assert.deepEqual(read(series, left), ["0 a 8+0=80"]);
  assert.deepEqual(series.note([cgroup(2, "a", true)], left, 11 * MINUTES_MS), [2n]);
  assert.deepEqual(read(series, left), []);
  assert.deepEqual(read(series, []), []);
});

test("the host's series keeps what its cgroups counted that are gone", () => {
  const series = new StallSeries();
  const counted = sums([1, 0, 3], [2, 0, 4]);
  series.note([cgroup(1, undefined, true), cgroup(2)], counted, 0);
  assert.deepEqual(series.note([cgroup(1, undefined, true), cgroup(2)], counted, 5 * MINUTES_MS), [1n]);
  for (const later of [sums([1, 0, 3], [2, 0, 9]), sums([2, 0, 9])]) {
    series.note([cgroup(2)], later, 6 * MINUTES_MS);
    assert.deepEqual(read(series, later), ["0 host 12+0=120"]);
  }
});

test("what was not noted yet is told with the next look, and never under another name", () => {
  const series = new StallSeries();
  const counted = sums([1, 0, 3], [2, 0, 4]);
  series.note([cgroup(1, "a")], counted, 0);
  assert.deepEqual(read(series, counted), ["0 a 3+0=30"]);
  series.note([cgroup(1, "a"), cgroup(2, "b")], counted, 0);
  assert.deepEqual(read(series, counted), ["0 a 3+0=30", "0 b 4+0=40"]);
});
