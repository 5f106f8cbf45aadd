import assert from "node:assert/strict";
import { test } from "node:test";
import { Accounting } from "./accounting.ts";

test("counts of the kernel half and of the framework are added up", () => {
  const accounting = new Accounting();
  using followed = accounting.follow(() => ({ seen: 5, suppressed: 2 }));
  accounting.add("stored", 3);
  assert.ok(followed);
  assert.deepEqual(accounting.counts(), {
    seen: 5,
    filtered: 0,
    aggregated: 0,
    suppressed: 2,
    ring_lost: 0,
    missed: 0,
    undecodable: 0,
    refused: 0,
    stored: 3,
  });
});

test("a restart of the kernel half never sets a counter back", () => {
  const accounting = new Accounting();
  {
    using first = accounting.follow(() => ({ seen: 7 }));
    assert.ok(first);
  }
  assert.equal(accounting.counts().seen, 7);
  using second = accounting.follow(() => ({ seen: 1 }));
  assert.equal(accounting.counts().seen, 8);
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  assert.equal(accounting.counts().seen, 8);
});
