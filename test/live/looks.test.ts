import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { Looks } from "./looks.ts";

function startLooks(context: TestContext): {
  readonly look: (question: string, shown: number) => Promise<number>;
  readonly passTime: (milliseconds: number) => void;
} {
  let nowMs = 1_000_000;
  context.mock.method(performance, "now", () => nowMs);
  const looks = new Looks<number>();
  let asked = 0;
  return {
    look: (question, shown) => looks.look(question, shown, () => Promise.resolve(++asked)),
    passTime: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}

test("what was found is found again as long as the console shows nothing new", async (context) => {
  const { look, passTime } = startLooks(context);
  assert.equal(await look("oom", 10), 1);
  passTime(150);
  assert.equal(await look("oom", 10), 2, "shown just before, it may not have been stored");
  passTime(150);
  assert.equal(await look("oom", 10), 2);
  assert.equal(await look("oom", 11), 3);
});

test("each question has an answer of its own", async (context) => {
  const { look, passTime } = startLooks(context);
  await look("oom", 0);
  passTime(1);
  assert.equal(await look("ras", 0), 2);
  assert.equal(await look("oom", 0), 1);
});

test("an old answer is asked for again, although the console shows nothing", async (context) => {
  const { look, passTime } = startLooks(context);
  await look("oom", 0);
  passTime(600);
  assert.equal(await look("oom", 0), 2);
});
