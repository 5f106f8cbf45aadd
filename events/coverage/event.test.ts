/** States of events go in; complete lists come out, few of them, and the last one always. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type {
  CoverageChange,
  OnSettled,
  TracerRecord,
  TracingContext,
  WatchedEvent,
} from "#receiver/tracing/contract.ts";
import { describeCoverage } from "./describe.ts";
import { createCoverage } from "./event.ts";
import { ReportTimes } from "./report-times.ts";

const since = new Date(0);
const running: WatchedEvent = {
  name: "oom",
  state: "running",
  reason: "",
  hook: "tp_btf/mark_victim",
  since,
};
const blindly: WatchedEvent = {
  name: "memreclaim",
  state: "running",
  reason: "sleep at memory.high is not seen",
  hook: "tp_btf/mm_vmscan_memcg_reclaim_begin",
  since,
};
const off: WatchedEvent = {
  name: "softirq",
  state: "disabled",
  reason: "switched off in the configuration",
  hook: "",
  since,
};
const unsupported: WatchedEvent = {
  name: "ras",
  state: "unsupported",
  reason: "no tracepoint",
  hook: "",
  since,
};

test("every event is in one list, with its hook and its reason", () => {
  const events = [blindly, running, unsupported, off];
  assert.deepEqual(describeCoverage({ trigger: "start", events, changed: [], time: 7 }), {
    time: 7,
    subject: { kind: "host" },
    severity: 9,
    attributes: {
      "kerntel.coverage.trigger": "start",
      "kerntel.coverage.running": ["memreclaim", "oom"],
      "kerntel.coverage.unsupported": ["ras"],
      "kerntel.coverage.disabled": ["softirq"],
      "kerntel.coverage.hooks": [
        "memreclaim: tp_btf/mm_vmscan_memcg_reclaim_begin",
        "oom: tp_btf/mark_victim",
      ],
      "kerntel.coverage.reasons": [
        "memreclaim: sleep at memory.high is not seen",
        "ras: no tracepoint",
        "softirq: switched off in the configuration",
      ],
    },
    body: "2 events are running; unsupported here: ras; switched off: softirq",
  });
});

for (const state of ["failed", "restarting"] as const) {
  test(`an event that is ${state} makes it a warning, and is named`, () => {
    const events = [{ ...running, state, hook: "", reason: "no memory; next try in 10 s" }];
    const record = describeCoverage({ trigger: "change", events, changed: ["oom"], time: 7 });
    assert.equal(record.severity, 13);
    assert.deepEqual(record.attributes[`kerntel.coverage.${state}`], ["oom"]);
    assert.deepEqual(record.attributes["kerntel.coverage.changed"], ["oom"]);
    assert.equal(record.body, `${state}: oom`);
  });
}

test("three records may go at once, then one a minute", () => {
  const times = new ReportTimes();
  const waits: number[] = [];
  for (const nowMs of [0, 0, 0, 0, 60_000, 60_000]) {
    waits.push(times.waitMs(nowMs));
    times.note(nowMs + times.waitMs(nowMs));
  }
  assert.deepEqual(waits, [0, 0, 0, 60_000, 60_000, 120_000]);
});

interface Watched {
  change(change: CoverageChange): void;
  readonly sent: { readonly attributes: Readonly<Record<string, unknown>>; readonly settle: OnSettled }[];
  /** Lets so much time pass, a second after the other. */
  pass(seconds: number): Promise<void>;
  stop(): Promise<void>;
  counts(): unknown;
}

async function watch(): Promise<Watched> {
  const timers = new Set<{ readonly atNs: number; readonly resolve: () => void }>();
  const { tracingData } = createCoverage(async (delayMs, signal) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const end = (): void => {
      resolve(undefined);
    };
    const timer = { atNs: nowNs + delayMs * 1_000_000, resolve: end };
    timers.add(timer);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    await promise;
    timers.delete(timer);
  });
  const stop = new AbortController();
  const sent: Watched["sent"] = [];
  let nowNs = 0;
  let act: ((change: CoverageChange) => void) | undefined;
  const given = {
    signal: stop.signal,
    config: { repeat_hours: 24 },
    onReload: () => {},
    attached: () => {},
    now: () => nowNs,
    counters: { add: () => {} },
    events: {
      ready: Promise.resolve(),
      list: () => [running],
      onChange: (listener: (change: CoverageChange) => void) => {
        act = listener;
        return { [Symbol.dispose]: () => {} };
      },
    },
    save: ({ attributes }: TracerRecord<object>, settle: OnSettled) =>
      sent.push({ attributes: attributes as Readonly<Record<string, unknown>>, settle }),
  };
  const ended = tracingData.start(given as unknown as TracingContext<{ readonly repeat_hours: number }>);
  await setImmediate();
  return {
    sent,
    change: (change) => {
      act?.(change);
    },
    pass: async (seconds) => {
      await setImmediate();
      for (let second = 0; second < seconds; second++) {
        nowNs += 1_000_000_000;
        for (const { atNs, resolve } of timers) if (atNs <= nowNs) resolve();
        await setImmediate();
      }
    },
    stop: async () => {
      stop.abort();
      await ended;
    },
    counts: () => tracingData.update?.().map(({ dataPoints }) => dataPoints.map(({ value }) => value)),
  };
}

test("the start is reported, changes of one second are one record, and of a storm a few and the last", async () => {
  const watched = await watch();
  const triggers = (): unknown[] =>
    watched.sent.map(({ attributes }) => attributes["kerntel.coverage.trigger"]);
  assert.deepEqual(triggers(), ["start"]);
  watched.change({ kind: "state", name: "oom" });
  watched.change({ kind: "state", name: "ras" });
  watched.change({ kind: "reload" });
  await watched.pass(2);
  assert.deepEqual(triggers(), ["start", "reload"]);
  assert.deepEqual(watched.sent[1]?.attributes["kerntel.coverage.changed"], ["oom", "ras"]);
  for (let change = 0; change < 60; change++) {
    watched.change({ kind: "state", name: "oom" });
    await watched.pass(2);
  }
  // One more at once, and then one a minute.
  assert.deepEqual(triggers().slice(2), ["change", "change", "change"]);
  watched.change({ kind: "state", name: "last" });
  await watched.stop();
  assert.deepEqual(watched.sent.at(-1)?.attributes["kerntel.coverage.changed"], ["last", "oom"]);
  assert.deepEqual(watched.counts(), [[61, 1, 1]]);
});

test("a record that was refused goes again with what it said, and an unchanged coverage once a day", async () => {
  const watched = await watch();
  watched.sent[0]?.settle("refused");
  await watched.pass(2);
  assert.equal(watched.sent[1]?.attributes["kerntel.coverage.trigger"], "start");
  watched.sent[1].settle("stored");
  await watched.pass(24 * 3_600 + 2);
  assert.equal(watched.sent[2]?.attributes["kerntel.coverage.trigger"], "repeat");
  await watched.stop();
  assert.equal(watched.sent.length, 3);
});
