import assert from "node:assert/strict";
import { test } from "node:test";
import { WallClock } from "./wall-clock.ts";

const SECOND = 1_000_000_000n;
const EPOCH = 1_700_000_000n * SECOND;

/** A machine whose clocks a test moves. */
class Machine {
  bootNs = 1_000n * SECOND;
  offsetNs = EPOCH;
  readonly clock = new WallClock(() => ({
    realtimeNs: this.bootNs + this.offsetNs,
    boottimeNs: this.bootNs,
  }));

  /** Time passes, the wall clock is adjusted by so much, and a batch of records is read. */
  pass(durationNs: bigint, adjustmentNs: bigint): void {
    this.bootNs += durationNs;
    this.offsetNs += adjustmentNs;
    this.clock.refresh();
  }
}

test("a process keeps its creation time while the wall clock is slewed and stepped", () => {
  const machine = new Machine();
  const created = machine.clock.createdAt(500e9);
  assert.deepEqual(created, [1_700_000_500, 0]);
  for (const adjustmentNs of [40n, -7_000n, 90_000_000n, 90_000_000n, 3_600n * SECOND, -7_200n * SECOND]) {
    machine.pass(SECOND, adjustmentNs);
    assert.deepEqual(machine.clock.createdAt(500e9), created, `after an adjustment of ${adjustmentNs} ns`);
  }
});

test("a process created after a step has the wall time of its creation, before and after the next step", () => {
  const machine = new Machine();
  machine.pass(SECOND, 3_600n * SECOND);
  machine.pass(10n * SECOND, 0n);
  const start = 1_005e9;
  assert.deepEqual(machine.clock.createdAt(start), [1_700_000_000 + 1_005 + 3_600, 0]);
  machine.pass(SECOND, -3_600n * SECOND);
  assert.deepEqual(machine.clock.createdAt(start), [1_700_000_000 + 1_005 + 3_600, 0]);
});

test("a process that was named before a step was noticed keeps the time of the offset it was named by", () => {
  const machine = new Machine();
  machine.pass(10n * SECOND, 0n);
  // Created before the batch in which it was named.
  const start = 1_009e9;
  const named = machine.clock.createdAt(start);
  machine.pass(10n * SECOND, 60n * SECOND);
  assert.deepEqual(machine.clock.createdAt(start), named);
});

test("an event's time follows the step that a creation time ignores", () => {
  const machine = new Machine();
  machine.pass(SECOND, 60n * SECOND);
  assert.deepEqual(machine.clock.at(500e9), [1_700_000_560, 0]);
  assert.deepEqual(machine.clock.createdAt(500e9), [1_700_000_500, 0]);
});

test("a clock that is set for ever leaves the processes older than Kerntel their creation times", () => {
  const machine = new Machine();
  const created = machine.clock.createdAt(500e9);
  for (let step = 0; step < 1_000; step++) machine.pass(SECOND, step % 2 === 0 ? SECOND : -SECOND);
  assert.deepEqual(machine.clock.createdAt(500e9), created);
  const now = Number(machine.bootNs);
  assert.deepEqual(machine.clock.createdAt(now), machine.clock.at(now));
});
