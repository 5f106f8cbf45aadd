import assert from "node:assert/strict";
import { test } from "node:test";
import { PacedRestart } from "./paced-restart.ts";

test("errors that come together restart a part once, and those after it later and later", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let restarts = 0;
  using paced = new PacedRestart(() => restarts++);
  const fail = (delayMs: number): number => {
    paced.request();
    paced.request();
    context.mock.timers.tick(delayMs);
    return restarts;
  };
  assert.equal(fail(999), 0);
  context.mock.timers.tick(1);
  assert.equal(restarts, 1);
  assert.equal(fail(1_999), 1);
  context.mock.timers.tick(1);
  assert.equal(restarts, 2);
  assert.equal(fail(4_000), 3);
  paced.request();
  paced[Symbol.dispose]();
  context.mock.timers.tick(600_000);
  assert.equal(restarts, 3);
});
