import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataPoint } from "@opentelemetry/sdk-metrics";
import { findUndeclared } from "../telemetry/declared.ts";
import { readDeclaredNames } from "../telemetry/read-declared.ts";
import { LocalLogMetrics } from "./local-log-metrics.ts";

const scope = { name: "kerntel", version: "1" };

test("what retention destroyed after delivery is a declared metric, by the limit that was passed", async () => {
  const counts = { unreadable: 1, quarantinedSegments: 2, expired: 40, retired: { age: 10, size: 20 } };
  const producer = new LocalLogMetrics(() => ({ counts: () => counts }), scope);
  const { resourceMetrics } = await producer.collect();
  const [metric] = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  const points = (metric?.dataPoints ?? []) as DataPoint<number>[];
  assert.equal(metric?.descriptor.name, "kerntel.local_log.retired.records");
  assert.deepEqual(
    points.map(({ attributes, value }) => [attributes["kerntel.local_log.limit"], value]),
    [
      ["age", 10],
      ["size", 20],
    ],
  );
  const emitted = [
    { name: metric?.descriptor.name ?? "", points: points.map(({ attributes }) => attributes) },
  ];
  assert.deepEqual(findUndeclared(readDeclaredNames(), { metrics: emitted }), []);
});

test("before the log is open both are 0, so that the series are there from the start", async () => {
  const { resourceMetrics } = await new LocalLogMetrics(() => undefined, scope).collect();
  const [metric] = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  assert.deepEqual(
    ((metric?.dataPoints ?? []) as DataPoint<number>[]).map(({ value }) => value),
    [0, 0],
  );
});
