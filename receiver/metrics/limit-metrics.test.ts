import assert from "node:assert/strict";
import { test } from "node:test";
import { findUndeclared } from "../telemetry/declared.ts";
import { readDeclaredNames } from "../telemetry/read-declared.ts";
import { LimitMetrics } from "./limit-metrics.ts";

test("what each limit took is a point of a declared metric", async () => {
  const producer = new LimitMetrics(() => ({ cut: 3, dropped: 4 }), { name: "kerntel", version: "1" });
  const { resourceMetrics } = await producer.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
  const points = metrics.flatMap(({ dataPoints }) =>
    dataPoints.map(({ attributes, value }) => [attributes["kerntel.limit.name"], value]),
  );
  assert.deepEqual(points, [
    ["attribute_value_length_limit", 3],
    ["attribute_count_limit", 4],
  ]);
  const emitted = metrics.map(({ descriptor, dataPoints }) => ({
    name: descriptor.name,
    points: dataPoints.map(({ attributes }) => attributes),
  }));
  assert.deepEqual(findUndeclared(readDeclaredNames(), { metrics: emitted }), []);
});
