/** What an event says of itself by `flag`, and what the framework makes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlagMetric, FlagTracing } from "./contract.ts";
import type { EventTracingAttr, MetricData } from "./contract.ts";
import { TracedEvent } from "./traced-event.ts";
import type { TracingServices } from "./traced-event.ts";

const record = { time: 1, subject: { kind: "host" }, attributes: {}, body: "It happened." } as const;

interface Run {
  readonly traced: TracedEvent;
  readonly emitted: unknown[];
  readonly lines: string[];
  /** How often the event was asked for its metrics. */
  readonly collections: () => number;
}

/** An event that saves so many records and then runs on, as each of these does. */
async function runWith(flag: number, saves: number): Promise<Run> {
  const [emitted, lines]: [unknown[], string[]] = [[], []];
  const running = Promise.withResolvers<void>();
  let collections = 0;
  const attr: EventTracingAttr = {
    tracingData: {
      start: async (context) => {
        context.attached("a hook");
        for (let index = 0; index < saves; index++) context.save(record);
        running.resolve();
        await new Promise((resolve) => {
          context.signal.addEventListener("abort", resolve, { once: true });
        });
      },
      update: (): MetricData[] => {
        collections++;
        return [];
      },
    },
    event: { name: "kerntel.test", severity: 9 },
    interval: 10,
    flag,
  };
  const services = {
    emitter: { emit: (_identity: unknown, saved: unknown) => void emitted.push(saved) },
    write: (line: string) => void lines.push(line),
    uncaught: { guard: (_part: unknown, act: () => unknown) => act() },
    onChange: () => {},
  } as unknown as TracingServices;
  const traced = new TracedEvent("test", attr, {}, services);
  traced.start();
  await running.promise;
  return { traced, emitted, lines, collections: () => collections };
}

test("an event with both flags writes log records and is asked for its metrics", async () => {
  const { traced, emitted, lines, collections } = await runWith(FlagTracing | FlagMetric, 2);
  traced.collector?.update();
  await traced.stop();
  assert.deepEqual([emitted, lines, collections()], [[record, record], [], 1]);
});

test("an event without FlagTracing writes no log record: what it saves is counted as refused and reported once", async () => {
  const { traced, emitted, lines } = await runWith(FlagMetric, 3);
  await traced.stop();
  assert.deepEqual(emitted, []);
  assert.equal(traced.accounting.counts().refused, 3);
  assert.deepEqual(lines, [
    "kerntel: test: makes log records without FlagTracing: they are counted as refused\n",
  ]);
});

test("of an event without FlagMetric no collector is called, whether it has one or not", async () => {
  const { traced, collections } = await runWith(FlagTracing, 0);
  assert.equal(traced.collector, undefined);
  await traced.stop();
  assert.equal(collections(), 0);
});
