import assert from "node:assert/strict";
import { test } from "node:test";
import { createEventLog } from "./event-log.ts";

test("a warning that repeats is said once a minute, with how often it came", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const log = createEventLog({ name: "oom", write: (line) => lines.push(line), nowMs: () => nowMs });
  for (let count = 0; count < 5; count++) log.warn("cannot decode", new Error("too short"));
  nowMs = 61_000;
  log.warn("cannot decode", new Error("too short"));
  assert.deepEqual(lines, [
    "kerntel: oom: cannot decode: too short\n",
    "kerntel: oom: cannot decode: too short (4 more in the last minute)\n",
  ]);
});

test("different warnings do not silence each other", () => {
  const lines: string[] = [];
  const log = createEventLog({ name: "oom", write: (line) => lines.push(line) });
  log.warn("one");
  log.warn("two");
  assert.equal(lines.length, 2);
});

test("messages that are all different are written for some dozens a minute, and the rest are counted", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const log = createEventLog({ name: "test", write: (line) => lines.push(line), nowMs: () => nowMs });
  for (let number = 0; number < 1_000; number++) log.warn(`number ${number}`);
  assert.equal(lines.length, 60);
  nowMs = 60_000;
  log.warn("one more");
  log.warn("and another");
  assert.deepEqual(lines.slice(60), [
    "kerntel: test: one more (940 other warnings were left out before this one)\n",
    "kerntel: test: and another\n",
  ]);
});
