import assert from "node:assert/strict";
import { test } from "node:test";
import { FlagTracing, UnsupportedEventError } from "./contract.ts";
import type { ITracingEvent, TracingContext } from "./contract.ts";
import { hookOrReason } from "./event-state.ts";
import { EventRunner } from "./runner.ts";

const event = { name: "kerntel.test", severity: 13 };

interface Observed {
  runner: EventRunner;
  states: string[];
  delaysMs: number[];
}

/** Runs an event whose waiting takes no time; the runner is stopped after so many waits. */
function observe(start: ITracingEvent["start"], waits: number): Observed {
  const states: string[] = [];
  const delaysMs: number[] = [];
  let stopping: Promise<void> | undefined;
  const runner: EventRunner = new EventRunner({
    name: "test",
    attr: { tracingData: { start }, event, interval: 10, flag: FlagTracing },
    createContext: (signal, attached) => ({ signal, attached }) as TracingContext,
    onChange: ({ state, reason }) => states.push(reason === "" ? state : `${state}: ${reason}`),
    wait: (delayMs) => {
      delaysMs.push(delayMs);
      if (delaysMs.length >= waits) stopping ??= runner.stop();
      return Promise.resolve();
    },
  });
  return { runner, states, delaysMs };
}

async function finish({ runner }: Observed): Promise<void> {
  runner.start();
  // `stop` resolves once the loop ended; the loop is stopped by the last wait or by itself.
  while (runner.status.state === "starting") await new Promise(setImmediate);
  await new Promise(setImmediate);
  await runner.stop();
}

test("an event that cannot start is tried again with growing delay", async () => {
  const observed = observe(() => Promise.reject(new Error("no memory")), 7);
  await finish(observed);
  assert.deepEqual(observed.delaysMs, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  assert.equal(observed.states[0], "failed: no memory; next try in 10 s");
});

test("an event that had been attached restarts with its own interval", async () => {
  const observed = observe((context) => {
    context.attached("tp_btf/x");
    return Promise.reject(new Error("ring gone"));
  }, 3);
  await finish(observed);
  assert.deepEqual(observed.delaysMs, [10_000, 10_000, 10_000]);
  assert.deepEqual(observed.states.slice(0, 2), ["running", "restarting: ring gone; next try in 10 s"]);
});

test("a missing hook makes the event unsupported and is not tried again", async () => {
  const observed = observe(() => Promise.reject(new UnsupportedEventError("no such tracepoint")), 1);
  await finish(observed);
  assert.deepEqual(observed.states, ["unsupported: no such tracepoint"]);
  assert.deepEqual(observed.delaysMs, []);
});

/** Runs an event that is attached at each of these, one after the other, until the runner is stopped. */
function runUntilStopped(
  hooks: readonly string[],
  missing?: string,
): { runner: EventRunner; states: string[] } {
  const states: string[] = [];
  const runner = new EventRunner({
    name: "test",
    attr: {
      tracingData: {
        start: async ({ signal, attached }) => {
          for (const hook of hooks) attached(hook, missing);
          await new Promise((resolve) => {
            signal.addEventListener("abort", resolve, { once: true });
          });
        },
      },
      event,
      interval: 10,
      flag: FlagTracing,
    },
    createContext: (signal, attached) => ({ signal, attached }) as TracingContext,
    onChange: ({ state }) => states.push(state),
  });
  runner.start();
  return { runner, states };
}

test("stopping ends a running event through its signal", async () => {
  const { runner, states } = runUntilStopped(["tp_btf/x"]);
  assert.equal(runner.status.hook, "tp_btf/x");
  await runner.stop();
  assert.deepEqual(states, ["running"]);
});

test("an event that hooks in at more places while it runs shows them, and that is no change of its state", async () => {
  const { runner, states } = runUntilStopped(["tp_btf/x", "tp_btf/x, kprobe/y"]);
  assert.equal(runner.status.hook, "tp_btf/x, kprobe/y");
  await runner.stop();
  assert.deepEqual(states, ["running"]);
});

test("a running event may say what it does not see on this kernel, beside where it hooks in", async () => {
  const { runner } = runUntilStopped(["tp_btf/x"], "y is not seen: no kprobes");
  const { state, hook, reason } = runner.status;
  assert.deepEqual(
    { state, hook, reason },
    { state: "running", hook: "tp_btf/x", reason: "y is not seen: no kprobes" },
  );
  assert.equal(hookOrReason(runner.status), "tp_btf/x; y is not seen: no kprobes");
  assert.equal(hookOrReason({ hook, reason: "" }), "tp_btf/x");
  assert.equal(hookOrReason({ hook: "", reason }), reason);
  await runner.stop();
});

test("an error of a callback ends the run, which is over before the next one begins", async () => {
  const order: string[] = [];
  const states: string[] = [];
  const runner: EventRunner = new EventRunner({
    name: "test",
    attr: {
      tracingData: {
        start: async ({ signal, attached }) => {
          order.push("start");
          attached("rtnetlink/link");
          await new Promise((resolve) => {
            signal.addEventListener("abort", resolve, { once: true });
          });
          await new Promise(setImmediate);
          order.push("end");
          // On the way out it must not look as if it ran again.
          attached("late");
          throw new Error("closing failed");
        },
      },
      event,
      interval: 10,
      flag: FlagTracing,
    },
    createContext: (signal, attached, part) => {
      if (order.length === 0) setImmediate(part.restart, new Error("EIO"));
      return { signal, attached } as TracingContext;
    },
    onChange: ({ state, reason }) => states.push(`${state} ${reason}`.trim()),
    wait: () => Promise.resolve(),
  });
  runner.start();
  while (states.length < 3) await new Promise(setImmediate);
  assert.deepEqual(order, ["start", "end", "start"]);
  assert.deepEqual(states, ["running", "restarting EIO; next try in 10 s", "running"]);
  await runner.stop();
});
