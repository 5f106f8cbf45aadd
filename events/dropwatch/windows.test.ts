import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { DropWindows } from "./windows.ts";

/** A kernel half that writes down what is asked of it; `left` are the answers of its flushes. */
function makeWindows(
  context: TestContext,
  lengthSeconds: number,
): { windows: DropWindows; asked: string[]; left: number[]; end: () => void } {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked: string[] = [];
  const left: number[] = [];
  const ends: (() => void)[] = [];
  const stop = new AbortController();
  const kernel = {
    configure: (settings: object): void => {
      asked.push(`window ${Object.values(settings).join(" ")}`);
    },
    run: (): number => {
      asked.push("flush");
      return left.shift() ?? 0;
    },
    onDetached: (act: () => void): void => {
      ends.push(act);
    },
  };
  const windows = new DropWindows(kernel, lengthSeconds, stop.signal);
  return {
    windows,
    asked,
    left,
    end: () => {
      stop.abort();
      for (const end of ends) end();
    },
  };
}

test("nothing ticks until something is dropped, and again after its window", (context) => {
  const { windows, asked } = makeWindows(context, 10);
  context.mock.timers.tick(60_000);
  assert.deepEqual(asked, []);
  windows.note();
  windows.note();
  context.mock.timers.tick(9_999);
  assert.deepEqual(asked, []);
  context.mock.timers.tick(1);
  assert.deepEqual(asked, ["flush", "window 2"]);
  context.mock.timers.tick(250);
  assert.deepEqual(asked.splice(0), ["flush", "window 2", "flush"]);
  context.mock.timers.tick(60_000);
  assert.deepEqual(asked, []);
});

test("a full ring is tried again, and a drop meanwhile begins the next window", (context) => {
  const { windows, asked, left } = makeWindows(context, 1);
  left.push(0, 3, 1, 0);
  windows.note();
  context.mock.timers.tick(1_000);
  windows.note();
  context.mock.timers.tick(250);
  windows.note();
  context.mock.timers.tick(100);
  context.mock.timers.tick(100);
  assert.deepEqual(asked.splice(0), ["flush", "window 2", "flush", "flush", "flush"]);
  context.mock.timers.tick(1_000);
  assert.deepEqual(asked, ["flush", "window 3"]);
});

test("another length ends the window now, and 0 ends all", (context) => {
  const { windows, asked } = makeWindows(context, 3_600);
  windows.note();
  windows.setLength(3_600);
  assert.deepEqual(asked, []);
  windows.setLength(0);
  context.mock.timers.tick(250);
  assert.deepEqual(asked.splice(0), ["flush", "window 0", "flush"]);
  windows.note();
  context.mock.timers.tick(3_600_000);
  assert.deepEqual(asked, []);
  windows.setLength(5);
  context.mock.timers.tick(250);
  assert.deepEqual(asked, ["flush", "window 1", "flush"]);
});

test("at the end both halves are emptied at once", (context) => {
  const { windows, asked, end } = makeWindows(context, 10);
  windows.note();
  end();
  context.mock.timers.tick(60_000);
  assert.deepEqual(asked, ["window 0", "flush"]);
});
