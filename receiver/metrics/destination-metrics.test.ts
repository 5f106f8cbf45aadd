import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataPoint } from "@opentelemetry/sdk-metrics";
import type { Delivery } from "#exporters/delivery/delivery.ts";
import { DestinationMetrics } from "./destination-metrics.ts";

const counts = {
  exported: 90,
  rejected: { http_413: 1, document_parsing_exception: 4 },
  expired: 2,
  unreadable: 3,
  pending: 10,
  retries: 7,
  cursorFailures: 0,
};
const status = { state: "blocked", reason: "http_401" };
const delivery = {
  name: "elasticsearch/localhost:9200",
  counts: () => counts,
  status: () => status,
} as unknown as Delivery;

test("the points of a destination add up to what was stored, and refusals say why", async () => {
  const producer = new DestinationMetrics(() => [delivery], { name: "kerntel", version: "0" });
  const { resourceMetrics } = await producer.collect();
  const metrics = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  const points = metrics.flatMap(({ descriptor, dataPoints }) =>
    (dataPoints as DataPoint<number>[]).map(({ attributes, value }) => {
      const {
        "kerntel.destination.name": destination,
        "kerntel.destination.result": result = descriptor.name,
        "kerntel.destination.rejection": rejection,
      } = attributes;
      assert.equal(destination, delivery.name);
      const condition = attributes["kerntel.destination.condition"];
      return [
        [result, rejection, condition, attributes["kerntel.destination.block.reason"]]
          .filter(Boolean)
          .join(" "),
        value,
      ] as const;
    }),
  );
  assert.deepEqual(points, [
    ["exported", 90],
    ["rejected http_413", 1],
    ["rejected document_parsing_exception", 4],
    ["expired", 2],
    ["unreadable", 3],
    ["kerntel.destination.queue.size", 10],
    ["kerntel.destination.state blocked http_401", 1],
  ]);
});

test("without destinations there are no metrics", async () => {
  const { resourceMetrics } = await new DestinationMetrics(() => [], {
    name: "kerntel",
    version: "0",
  }).collect();
  assert.deepEqual(resourceMetrics.scopeMetrics[0]?.metrics, []);
});
