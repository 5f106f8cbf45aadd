import assert from "node:assert/strict";
import { test } from "node:test";
import type { BpfMap } from "bpf-loader-napi";
import { addSums } from "./kernel-sums.ts";

function mapOf(type: string, entries: readonly [key: unknown, value: unknown][]): BpfMap {
  return { type, entries: () => entries.values() } as unknown as BpfMap;
}

test("numbers, structs and arrays are added up over CPUs", () => {
  const sums = addSums(
    new Map(),
    mapOf("percpu_hash", [
      [
        { reason: 2, netns: 5n },
        [
          { count: 1n, buckets: [1n, 0n] },
          { count: 2n, buckets: [0n, 4n] },
        ],
      ],
      [7, [3, 4]],
    ]),
  );
  assert.deepEqual(
    [...sums.values()],
    [
      { key: { reason: 2, netns: 5n }, value: { count: 3, buckets: [1, 4] } },
      { key: 7, value: 7 },
    ],
  );
});

test("earlier runs are in the sum, also of keys that are gone", () => {
  const earlier = addSums(
    new Map(),
    mapOf("hash", [
      [1, { count: 10n }],
      [2, { count: 5n }],
    ]),
  );
  const sums = addSums(earlier, mapOf("hash", [[1, { count: 1n }]]));
  assert.deepEqual(
    [...sums.values()],
    [
      { key: 1, value: { count: 11 } },
      { key: 2, value: { count: 5 } },
    ],
  );
});

test("a value that is no count is refused", () => {
  assert.throws(() => addSums(new Map(), mapOf("hash", [[1, "text"]])), /holds a string/);
});
