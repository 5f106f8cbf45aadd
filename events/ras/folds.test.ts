import assert from "node:assert/strict";
import { test } from "node:test";
import type { Description } from "./description.ts";
import { Folds } from "./folds.ts";
import { QuietTimer } from "./quiet-timer.ts";

const description: Description = {
  source: "aer",
  errorType: "corrected",
  kind: "pcie_device",
  id: "0000:01:00.0",
  parts: {},
  words: "",
};

function start(): { folds: Folds; told: string[] } {
  const told: string[] = [];
  const folds = new Folds((_, { time, count, total }) => told.push(`${count} of ${total} at ${time}`));
  return { folds, told };
}

test("the log records about equal errors add up to all of them", () => {
  const { folds, told } = start();
  folds.take(description, { id: 1, time: 10, total: 1 });
  assert.equal(folds.sweep([{ id: 1, lastTime: 10, total: 1 }]), 0);
  assert.equal(folds.sweep([{ id: 1, lastTime: 15, total: 7 }]), 1);
  folds.take(description, { id: 1, time: 20, total: 9 });
  assert.equal(folds.sweep([{ id: 1, lastTime: 20, total: 9 }]), 0);
  assert.deepEqual(told, ["1 of 1 at 10", "6 of 7 at 15", "2 of 9 at 20"]);
});

test("what the kernel half counted before its first record came is left to that record", () => {
  const { folds, told } = start();
  assert.equal(folds.sweep([{ id: 3, lastTime: 1, total: 5 }]), 0);
  folds.take(description, { id: 3, time: 1, total: 1 });
  folds.sweep([{ id: 3, lastTime: 1, total: 5 }]);
  assert.deepEqual(told, ["1 of 1 at 1", "4 of 5 at 1"]);
});

test("an error that the kernel half has no room for is told by itself, and nothing is kept of it", () => {
  const { folds, told } = start();
  folds.take(description, { id: 0, time: 1, total: 1 });
  folds.take(description, { id: 0, time: 2, total: 1 });
  assert.deepEqual(told, ["1 of 1 at 1", "1 of 1 at 2"]);
  assert.equal(folds.size, 0);
});

test("what the kernel half forgot is forgotten here", () => {
  const { folds } = start();
  for (let id = 1; id <= 100; id++) folds.take(description, { id, time: id, total: 1 });
  folds.sweep([{ id: 7, lastTime: 7, total: 1 }]);
  assert.equal(folds.size, 1);
});

test("the timer calls after each storm, and not while nothing happens", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let calls = 0;
  const timer = new QuietTimer(
    () => {
      calls++;
    },
    () => 10,
  );
  context.mock.timers.tick(100);
  assert.equal(calls, 0);
  for (let step = 0; step < 5; step++) {
    timer.touch();
    context.mock.timers.tick(4);
  }
  // A timer that is set within a tick runs in the next one.
  for (let step = 0; step < 5; step++) context.mock.timers.tick(20);
  const afterStorm = calls;
  assert.ok(afterStorm >= 2);
  context.mock.timers.tick(1_000);
  assert.equal(calls, afterStorm);
  timer.touch();
  timer[Symbol.dispose]();
  context.mock.timers.tick(1_000);
  assert.equal(calls, afterStorm);
});
