import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Repeater } from "./repeater.ts";

test("it repeats as often as was said last, until it is stopped", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  let times = 0;
  using repeater = new Repeater(
    () => times++,
    () => assert.fail("nothing fails here"),
  );
  mock.timers.tick(1_000);
  assert.deepEqual([times, repeater.isRunning], [0, false]);
  repeater.every(100);
  mock.timers.tick(250);
  assert.deepEqual([times, repeater.isRunning], [2, true]);
  repeater.every(10);
  mock.timers.tick(100);
  assert.equal(times, 12);
  repeater.every(0);
  mock.timers.tick(1_000);
  assert.deepEqual([times, repeater.isRunning], [12, false]);
  mock.timers.reset();
});

test("a failure is handed over, and does not end it", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const failures: unknown[] = [];
  const failure = new Error("no memory");
  using repeater = new Repeater(
    () => {
      throw failure;
    },
    (error) => failures.push(error),
  );
  repeater.every(10);
  mock.timers.tick(20);
  assert.deepEqual(failures, [failure, failure]);
  mock.timers.reset();
});
