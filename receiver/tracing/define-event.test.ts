/** What `defineEvent` makes of a description: flags, requirements, settings, records and metrics. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlagMetric, FlagTracing, UnsupportedEventError } from "./contract.ts";
import type { RecordLayout, TracingContext } from "./contract.ts";
import { defineEvent } from "./define-event.ts";
import type { EventCounts } from "./define-event.ts";
import { FakeKernel } from "./fixtures/fake-kernel.ts";
import type { FakeConfig } from "./fixtures/fake-kernel.ts";
import { LONGEST_PERIOD_NS } from "./tick-period.ts";

const event = { name: "kerntel.test", severity: 9 };
const object = new URL("test.bpf.o", import.meta.url);
const minimal = { event, object, programs: ["on_hook"] };
const layout: RecordLayout<number> = {
  struct: "test_record",
  sizeBytes: 8,
  read: (view, offset) => view.getUint8(offset),
};
const metrics = (): [] => [];
const describe = (value: number) => ({
  time: value,
  subject: { kind: "host" } as const,
  attributes: {},
  body: `It happened ${value} times.`,
});

test("flag follows from what is given, and interval is 10 unless said", () => {
  const attrs = [
    defineEvent(minimal),
    defineEvent({ ...minimal, records: [[layout, describe]] }),
    defineEvent({ ...minimal, metrics }),
    defineEvent({ ...minimal, records: [[layout, describe]], metrics, interval: 60 }),
  ];
  assert.deepEqual(
    attrs.map(({ flag, interval }) => [flag, interval]),
    [
      [0, 10],
      [FlagTracing, 10],
      [FlagMetric, 10],
      [FlagTracing | FlagMetric, 60],
    ],
  );
});

const refused: readonly (readonly [requires: Readonly<Record<string, number>>, message: string])[] = [
  [{ lost: 1, hook: 2, gone: 0 }, "the kernel has no tracepoint lost, gone"],
  [{ hook: 3 }, "the kernel's tracepoint hook has fewer than 3 arguments"],
];

for (const [requires, message] of refused) {
  test(`an event that requires ${JSON.stringify(requires)} is unsupported, and nothing is loaded`, async () => {
    const kernel = new FakeKernel({ hook: 2 });
    const { tracingData } = defineEvent<[], FakeConfig>({ ...minimal, requires });
    await assert.rejects(tracingData.start(kernel.context), new UnsupportedEventError(message));
    assert.deepEqual(kernel.options, []);
  });
}

test("a check that does not return 0 makes the event unsupported before it counts as attached", async () => {
  const kernel = new FakeKernel({ hook: 2 }, { find_queue: 1 });
  const checks = { find_queue: "the kernel has no queue" };
  const { tracingData } = defineEvent<[], FakeConfig>({ ...minimal, checks });
  await assert.rejects(
    tracingData.start(kernel.context),
    new UnsupportedEventError("the kernel has no queue"),
  );
  assert.deepEqual(kernel.options[0]?.unattachedPrograms, ["find_queue"]);
  assert.deepEqual(kernel.attached, []);
});

test("settings are the same at load and at a reload, and records reach their describer", async () => {
  const kernel = new FakeKernel({ hook: 2 });
  const { tracingData } = defineEvent({
    ...minimal,
    requires: { hook: 2 },
    programs: (bpf) => [bpf.hasTracepoint("hook", 3) ? "on_hook_with_reason" : "on_hook"],
    constants: ({ config }: TracingContext<FakeConfig>) => ({ seed: config.limit }),
    settings: ({ limit }: FakeConfig) => ({ limit_ns: limit * 1000 }),
    optionalPrograms: ["on_other"],
    countMaps: ["found"],
    records: [[layout, describe]],
  });
  const run = tracingData.start(kernel.context);
  assert.deepEqual(kernel.options, [
    {
      object,
      settings: { limit_ns: 3_000 },
      programs: ["on_hook"],
      unattachedPrograms: [],
      constants: { seed: 3 },
      optionalPrograms: ["on_other"],
      countMaps: ["found"],
    },
  ]);
  assert.deepEqual(kernel.attached, ["tp_btf/hook, tp_btf/other"]);
  kernel.reload(4);
  assert.deepEqual(kernel.configured, [{ limit_ns: 4_000 }]);
  kernel.write(7);
  assert.deepEqual(kernel.saved, ["It happened 7 times."]);
  kernel.stop();
  await run;
});

test("an event without settings takes no reload: a changed configuration starts it anew", async () => {
  const kernel = new FakeKernel({ hook: 2 });
  const { tracingData } = defineEvent<[number], FakeConfig>({ ...minimal, records: [[layout, describe]] });
  const run = tracingData.start(kernel.context);
  assert.equal(kernel.takesReloads, false);
  kernel.stop();
  await run;
});

test("what describers remember begins anew with each run, and follows a reload after the settings", async () => {
  const order: string[] = [];
  const { tracingData } = defineEvent({
    ...minimal,
    settings: ({ limit }: FakeConfig) => {
      order.push(`settings ${limit}`);
      return {};
    },
    records: (context) => {
      let count = 0;
      context.onReload(({ limit }) => order.push(`describer ${limit}`));
      return [[layout, () => describe(++count)]];
    },
  });
  for (const attempt of [1, 2]) {
    const kernel = new FakeKernel({});
    const run = tracingData.start(kernel.context);
    kernel.write(0);
    kernel.write(0);
    assert.deepEqual(kernel.saved, ["It happened 1 times.", "It happened 2 times."], `run ${attempt}`);
    kernel.reload(9);
    kernel.stop();
    await run;
  }
  assert.deepEqual(order, [
    "settings 3",
    "settings 9",
    "describer 9",
    "settings 3",
    "settings 9",
    "describer 9",
  ]);
});

test("an event that uses the tick is configured with the longest one, and again when the tick is measured", async () => {
  const kernel = new FakeKernel({});
  const { tracingData } = defineEvent({
    ...minimal,
    usesTick: true,
    settings: ({ limit }: FakeConfig, tickNs: number) => ({ limit, tickNs }),
  });
  const run = tracingData.start(kernel.context);
  const [options] = kernel.options;
  assert.deepEqual(options?.settings, { limit: 3, tickNs: LONGEST_PERIOD_NS });
  assert.deepEqual(options.unattachedPrograms, ["read_clocks"]);
  kernel.reload(5);
  while (kernel.configured.length < 2) await new Promise(setImmediate);
  // The fake kernel's jiffies stand still: the period stays the longest.
  assert.deepEqual(kernel.configured, [
    { limit: 5, tickNs: LONGEST_PERIOD_NS },
    { limit: 5, tickNs: LONGEST_PERIOD_NS },
  ]);
  kernel.stop();
  await run;
});

test("metrics are zero and empty before the first run, and are those of the last run after it", async () => {
  const seen: [number, Map<number, number>, number][] = [];
  const starts = new Set<Date>();
  const { tracingData } = defineEvent<[], FakeConfig>({
    ...minimal,
    metrics: ({ totals, counts, sums, startedAt }: EventCounts) => {
      starts.add(startedAt);
      seen.push([totals().seen, new Map(counts("found")), sums("found").length]);
      return [];
    },
  });
  tracingData.update?.();
  const kernel = new FakeKernel({});
  const run = tracingData.start(kernel.context);
  kernel.stop();
  await run;
  tracingData.update?.();
  assert.deepEqual(seen, [
    [0, new Map(), 0],
    [5, new Map([[1, 2]]), 0],
  ]);
  assert.equal(starts.size, 1);
});
