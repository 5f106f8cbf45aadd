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
const functions = ["raw_rcv", "neigh_invalidate", "unix_stream_connect", "my_function", "netlink_attachskb"];

const unknown: string[] = [];

function make(
  config: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<number, string> = reasons,
): NoiseTable {
  const defaults = Object.fromEntries(
    Object.entries(noiseConfig).map(([key, { default: value }]) => [key, value]),
  );
  const bpf = {
    textRanges: (wanted: Iterable<string>): Map<string, { start: bigint; end: bigint }[]> =>
      new Map(
        [...wanted]
          .filter((name) => functions.includes(name))
          .map((name) => [name, [{ start: BigInt(functions.indexOf(name)), end: 100n }]]),
      ),
  };
  return makeNoiseTable({ ...defaults, ...config }, names, bpf, (name) => {
    unknown.push(name);
  });
}

/** Reason, or `any`, and what is asked of it: [rule, function, condition]. */
function list({ by_reason: rows, functions: all, ...common }: NoiseTable): Record<string, unknown[]> {
  const take = (first: number, count: number): unknown[] =>
    all
      .slice(first, first + count)
      .map(({ rule, start, end, condition }) => [
        rule === 0 ? "none" : ruleNames[rule],
        end > 100n ? "anywhere" : functions[Number(start)],
        condition,
      ]);
  return {
    ...Object.fromEntries(
      [...rows.entries()]
        .filter(([, { count }]) => count > 0)
        .map(([reason, { first, count }]) => [reason, take(first, count)]),
    ),
    ...(common.common_count > 0 && { any: take(common.common_first, common.common_count) }),
  };
}

test("rules find their reasons and functions in this kernel; what it lacks is left out", () => {
  const table = make({});
  assert.equal(ruleNames[table.by_reason[104]?.rule ?? 0], "queue_purge");
  for (const reason of [2, 3, 5]) assert.equal(table.by_reason[reason]?.rule, 0x80);
  assert.equal(table.by_reason[4]?.rule, 0);
  assert.deepEqual(list(table), {
    2: [
      ["neighbour_timeout", "neigh_invalidate", 0],
      ["unix_connect", "unix_stream_connect", 1],
      ["none", "netlink_attachskb", 2],
      ["netlink", "anywhere", 2],
    ],
    5: [["packet_socket", "raw_rcv", 0]],
  });
});

test("before there were reasons every drop is asked for its function", () => {
  const table = make({}, new Map());
  assert.equal(table.by_reason[0]?.rule, 0x80);
  // Without a reason nobody knows that it was the filter of a socket.
  assert.deepEqual(list(table), {
    0: [
      ["neighbour_timeout", "neigh_invalidate", 0],
      ["unix_connect", "unix_stream_connect", 1],
      ["none", "netlink_attachskb", 2],
      ["netlink", "anywhere", 2],
    ],
  });
});

test("a rule that is switched off decides nothing", () => {
  const table = make({ noise_queue_purge: false, noise_packet_socket: false });
  assert.equal(table.by_reason[104]?.rule, 0);
  assert.equal(table.by_reason[5]?.rule, 0);
});

test("functions that the user names are asked for with each reason", () => {
  const table = make({ noise_functions: ["my_function", "not_here"] });
  assert.deepEqual(unknown.splice(0), ["not_here"]);
  assert.deepEqual(list(table)["any"], [["functions", "my_function", 0]]);
  assert.equal(table.by_reason[200]?.rule, 0x80);
  assert.equal(ruleNames[table.by_reason[104]?.rule ?? 0], "queue_purge");
});

test("more functions than the kernel half holds are refused", () => {
  const many = Array.from({ length: 100 }, () => "my_function");
  assert.throws(
    () => make({ noise_functions: many }),
    /they are 105 parts of kernel text, and 64 are allowed/,
  );
});
