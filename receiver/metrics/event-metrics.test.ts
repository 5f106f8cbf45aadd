import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import { EventMetrics } from "./event-metrics.ts";

const scope = { name: "kerntel", version: "1" };
const counts = {
  filtered: 1,
  aggregated: 8,
  suppressed: 2,
  ring_lost: 3,
  missed: 4,
  undecodable: 5,
  refused: 6,
  stored: 7,
};
const report = {
  name: "oom",
  state: "running",
  reason: "",
  hook: "tp_btf/x",
  since: new Date(),
  seen: 36,
  ...counts,
} as const;

async function collect(
  source: ConstructorParameters<typeof EventMetrics>[0],
): Promise<[MetricData[], unknown[]]> {
  const { resourceMetrics, errors } = await new EventMetrics(source, scope).collect();
  return [resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics), errors];
}

test("the books of each event are one series for each outcome, and add up", async () => {
  const [metrics] = await collect({ reports: () => [report], collectors: () => [], driverErrors: () => [] });
  const records = metrics.find(({ descriptor }) => descriptor.name === "kerntel.event.records");
  const values = new Map(
    records?.dataPoints.map(({ attributes, value }) => [attributes["kerntel.event.outcome"], Number(value)]),
  );
  const { seen, ...rest } = Object.fromEntries(values) as Record<string, number>;
  assert.equal(seen, 36);
  assert.equal(
    Object.values(rest).reduce((total, value) => total + value),
    seen,
  );
  assert.ok(records?.dataPoints.every(({ attributes }) => attributes["kerntel.event.name"] === "oom"));
});

test("the state of an event is the only one with 1, and the others are gone from the next scrape", async () => {
  const [metrics] = await collect({
    reports: () => [{ ...report, state: "failed" }],
    collectors: () => [],
    driverErrors: () => [],
  });
  const states = metrics.find(({ descriptor }) => descriptor.name === "kerntel.event.state")?.dataPoints;
  assert.deepEqual(
    states?.map(({ attributes, value }) => [attributes, value]),
    [[{ "kerntel.event.name": "oom", "kerntel.event.state": "failed" }, 1]],
  );
});

test("an event that cannot tell its metrics does not cost the others theirs", async () => {
  const broken = {
    update: (): never => {
      throw new Error("map gone");
    },
  };
  const [metrics, errors] = await collect({
    reports: () => [report],
    collectors: () => [broken, { update: () => [] }],
    driverErrors: () => [],
  });
  assert.equal(errors.length, 1);
  assert.equal(metrics.length, 3);
});
