import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataPoint } from "@opentelemetry/sdk-metrics";
import type { ContainersCounts } from "../containers/containers.ts";
import { findUndeclared } from "../telemetry/declared.ts";
import { readDeclaredNames } from "../telemetry/read-declared.ts";
import { ContainerMetrics } from "./container-metrics.ts";

const scope = { name: "kerntel", version: "1" };
const containers: ContainersCounts = {
  cgroups: { live: 1, gone: 2, owners: 3, evicted: 4, foundById: 5, foundByPath: 6, missed: 7 },
  namespaces: 8,
  evictedNamespaces: 15,
  lost: 9,
  suppressed: 16,
  walks: 2,
  cutWalks: 1,
  series: { limit: 20, used: 21 },
  skipped: { gone: 17, rate: 18, queue: 19 },
  sources: new Map([["kubelet", { answered: 10, failed: 11, disagreed: 15 }]]),
};
const held = { held: 1, answered: 12, expired: 13, crowded: 14 };

test("each count is a point of a declared metric", async () => {
  const producer = new ContainerMetrics(
    () => containers,
    () => held,
    scope,
  );
  const { resourceMetrics } = await producer.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
  const values = metrics.flatMap(({ descriptor, dataPoints }) =>
    (dataPoints as DataPoint<number>[]).map(({ attributes, value }) =>
      [descriptor.name.replace("kerntel.", ""), ...Object.values(attributes), value].join(" "),
    ),
  );
  assert.deepEqual(values, [
    "cgroup.known live 1",
    "cgroup.known gone 2",
    "table.evictions cgroups 4",
    "table.evictions network_namespaces 15",
    "cgroup.lookups id 5",
    "cgroup.lookups path 6",
    "cgroup.lookups none 7",
    "cgroup.lost_changes 9",
    "cgroup.suppressed_changes 16",
    "cgroup.walks 2",
    "cgroup.cut_walks 1",
    "network.namespace.known 8",
    "container.skipped_lookups gone 17",
    "container.skipped_lookups rate 18",
    "container.skipped_lookups queue 19",
    "container.lookups kubelet answered 10",
    "container.lookups kubelet failed 11",
    "container.disagreements kubelet 15",
    "container.series.limit 20",
    "container.series.usage 21",
    "record.waits answered 12",
    "record.waits expired 13",
    "record.waits crowded 14",
  ]);
  const emitted = metrics.map(({ descriptor, dataPoints }) => ({
    name: descriptor.name,
    points: dataPoints.map(({ attributes }) => attributes),
  }));
  assert.deepEqual(findUndeclared(readDeclaredNames(), { metrics: emitted }), []);
});

test("before the program has started there is nothing to say", async () => {
  const producer = new ContainerMetrics(
    () => undefined,
    () => undefined,
    scope,
  );
  const { resourceMetrics } = await producer.collect();
  assert.deepEqual(resourceMetrics.scopeMetrics[0]?.metrics, []);
});
