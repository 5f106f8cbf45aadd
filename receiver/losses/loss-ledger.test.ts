/** Counters go in; what no stored record says comes out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LossTotal } from "../tracing/losses.ts";
import { LossLedger } from "./loss-ledger.ts";

const oom = { reason: "ring_lost", event: "oom" } as const;
const remote = { reason: "expired", destination: "otlp_http/far" } as const;

interface Fixture {
  readonly ledger: LossLedger;
  /** Sets the counters and the time, in nanoseconds since boot. */
  readonly set: (now: number, ...totals: readonly LossTotal[]) => void;
}

function setUp(): Fixture {
  let [at, counters]: [number, readonly LossTotal[]] = [100, []];
  const ledger = new LossLedger(
    () => counters,
    () => at,
  );
  return {
    ledger,
    set: (now, ...totals) => {
      [at, counters] = [now, totals];
    },
  };
}

test("a loss begins at the last look that found nothing, and what was reported is not reported again", () => {
  const { ledger, set } = setUp();
  set(200, { ...oom, total: 0, seen: 5 });
  assert.deepEqual(ledger.unreported(), []);
  set(300, { ...oom, total: 2, seen: 9 });
  const [first] = ledger.unreported();
  const expected = {
    ...oom,
    total: 2,
    seen: 9,
    count: 2,
    seenSince: 4,
    isCarried: false,
    from: 200,
    until: 300,
  };
  assert.deepEqual(first, expected);
  set(400, { ...oom, total: 3, seen: 12 });
  assert.deepEqual(ledger.unreported(), [
    { ...expected, total: 3, seen: 12, count: 3, seenSince: 7, until: 400 },
  ]);
  // Only the first record became durable.
  ledger.reported(expected);
  set(500, { ...oom, total: 3, seen: 20 });
  assert.deepEqual(ledger.unreported(), [
    { ...expected, total: 3, seen: 20, count: 1, seenSince: 11, from: 300, until: 500 },
  ]);
});

test("a counter that was above zero at the first look counts from the beginning of the run", () => {
  const { ledger, set } = setUp();
  set(250, { ...oom, total: 4, seen: 6 });
  const [loss] = ledger.unreported();
  assert.deepEqual([loss?.count, loss?.seenSince, loss?.from], [4, 6, 100]);
});

test("a total that goes down again takes back what is not reported yet, and nothing else", () => {
  const { ledger, set } = setUp();
  set(200, { ...remote, total: 10 });
  const [loss] = ledger.unreported();
  assert.ok(loss);
  ledger.reported(loss);
  for (const [now, total, left] of [
    [300, 7, 0],
    [400, 10, 0],
    [500, 12, 2],
    [600, 11, 1],
  ] as const) {
    set(now, { ...remote, total });
    assert.equal(ledger.unreported()[0]?.count ?? 0, left, `at ${now}`);
  }
});

test("what an earlier run left is one loss with what is lost now, reported once", () => {
  const { ledger, set } = setUp();
  ledger.carryOver([{ ...oom, count: 5, from: -50 }]);
  set(200, { ...oom, total: 2, seen: 3 });
  const [loss] = ledger.unreported();
  assert.deepEqual(loss, { ...oom, total: 2, seen: 3, count: 7, isCarried: true, from: -50, until: 200 });
  ledger.reported(loss);
  assert.deepEqual(ledger.unreported(), []);
  set(300, { ...oom, total: 3, seen: 9 });
  const [next] = ledger.unreported();
  assert.deepEqual([next?.count, next?.isCarried, next?.from, next?.seenSince], [1, false, 200, 6]);
});

test("an entity that is gone is remembered until its losses are reported, and noted for the next run without it", () => {
  const { ledger, set } = setUp();
  const subject = { kind: "host" } as const;
  const limited = { reason: "suppressed", event: "dropwatch" } as const;
  set(
    200,
    { ...limited, total: 3, entity: { id: "a", subject } },
    { ...limited, total: 4, entity: { id: "b", subject } },
  );
  const [ofA] = ledger.unreported();
  set(300);
  assert.equal(ledger.unreported().length, 2);
  const now = { bootId: "", bootNs: 300, wallMs: 1_000 };
  assert.deepEqual(ledger.note(now), [
    { ...limited, count: 7, from: { bootNs: 100, wallMs: 1_000 - 200 / 1_000_000 } },
  ]);
  assert.ok(ofA);
  ledger.reported(ofA);
  assert.deepEqual(
    ledger.unreported().map(({ count }) => count),
    [4],
  );
});
