import assert from "node:assert/strict";
import { test } from "node:test";
import { makeNoiseTable } from "./noise-table.ts";
import type { NoiseTable } from "./noise-table.ts";
import { noiseConfig, ruleNames } from "./noise.ts";

const reasons = new Map([
  [2, "SKB_DROP_REASON_NOT_SPECIFIED"],
  [3, "SKB_DROP_REASON_NO_SOCKET"],
  [5, "SKB_DROP_REASON_SOCKET_FILTER"],
  [104, "SKB_DROP_REASON_QUEUE_PURGE"],
]);
/** Functions of a kernel, each with one part. */
const functions = ["raw_rcv", "neigh_invalidate", "unix_stream_connect", "my_function"];

function make(
  config: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<number, string> = reasons,
): NoiseTable {
  const defaults = Object.fromEntries(
    Object.entries(noiseConfig).map(([key, { default: value }]) => [key, value]),
  );
  return makeNoiseTable({ ...defaults, ...config }, names, {
    textRanges: (wanted) =>
      new Map(
        [...wanted]
          .filter((name) => functions.includes(name))
          .map((name) => [name, [{ start: BigInt(functions.indexOf(name)), end: 100n }]]),
      ),
  });
}

/** [rule, function, reason, only empty packets] */
function list({ functions: all, function_count: count }: NoiseTable): unknown[] {
  return all
    .slice(0, count)
    .map(({ rule, start, reason, only_empty }) => [
      ruleNames[rule],
      functions[Number(start)],
      reason,
      only_empty,
    ]);
}

test("rules find their reasons and functions in this kernel; what it lacks is left out", () => {
  const table = make({});
  assert.equal(ruleNames[table.by_reason[104] ?? 0], "queue_purge");
  for (const reason of [2, 3, 5]) assert.equal(table.by_reason[reason], 0x80);
  assert.equal(table.by_reason[4], 0);
  assert.deepEqual(list(table), [
    ["neighbour_timeout", "neigh_invalidate", 2, 0],
    ["packet_socket", "raw_rcv", 5, 0],
    ["unix_connect", "unix_stream_connect", 2, 1],
  ]);
});

test("before there were reasons every drop is asked for its function", () => {
  const table = make({}, new Map());
  assert.equal(table.by_reason[0], 0x80);
  // Without a reason nobody knows that it was the filter of a socket.
  assert.deepEqual(
    list(table).map((row) => (row as unknown[])[0]),
    ["neighbour_timeout", "unix_connect"],
  );
});

test("a rule that is switched off decides nothing", () => {
  const table = make({ noise_queue_purge: false, noise_packet_socket: false });
  assert.equal(table.by_reason[104], 0);
  assert.equal(table.by_reason[5], 0);
});

test("functions that the user names are asked for with each reason", () => {
  const table = make({ noise_functions: ["my_function", "not_here"] });
  assert.deepEqual(list(table).at(-1), ["functions", "my_function", 0xffff_ffff, 0]);
  assert.equal(table.by_reason[200], 0x80);
  assert.equal(ruleNames[table.by_reason[104] ?? 0], "queue_purge");
});
