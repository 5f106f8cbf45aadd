import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataPoint } from "@opentelemetry/sdk-metrics";
import { findUndeclared } from "../telemetry/declared.ts";
import { readDeclaredNames } from "../telemetry/read-declared.ts";
import { TenantSuppressions } from "../tracing/tenant-suppressions.ts";
import { TenantMetrics } from "./tenant-metrics.ts";

const scope = { name: "kerntel", version: "1" };
const counts = { cgroups: 3, namespaces: 2, rejected: { cgroups: 1, namespaces: 0 } };

async function read(producer: TenantMetrics): Promise<readonly string[]> {
  const { resourceMetrics } = await producer.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
  const emitted = metrics.map(({ descriptor, dataPoints }) => ({
    name: descriptor.name,
    points: dataPoints.map(({ attributes }) => attributes),
  }));
  assert.deepEqual(findUndeclared(readDeclaredNames(), { metrics: emitted }), []);
  return metrics.flatMap(({ descriptor, dataPoints }) =>
    (dataPoints as DataPoint<number>[]).map(({ attributes, value }) =>
      [descriptor.name.replace("kerntel.", ""), ...Object.values(attributes), value].join(" "),
    ),
  );
}

const tables = ["tenant.known cgroup 3", "tenant.known network_namespace 2"];
const rejections = ["tenant.rejections cgroup 1", "tenant.rejections network_namespace 0"];

test("what was suppressed of a container is counted by event, over restarts of the event, until minutes after its end", async () => {
  const kernel = new Map([
    [1n, 5n],
    [2n, 7n],
  ]);
  const suppressions = new TenantSuppressions();
  const first = suppressions.follow(new Map([[1n, 10n]]));
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using following = suppressions.follow(kernel);
  void following;
  let ended: readonly bigint[] = [];
  const tenants = {
    // Number 2 is a container that nobody knows any more.
    containerId: (tenant: bigint): string | undefined => (tenant === 1n ? "abc" : undefined),
    counts: () => counts,
    takeEnded: () => ended,
  };
  const producer = new TenantMetrics(
    () => [{ name: "dropwatch", suppressions }],
    () => tenants,
    scope,
  );
  assert.deepEqual(await read(producer), ["container.suppressed abc dropwatch 15", ...tables, ...rejections]);
  ended = [1n];
  assert.deepEqual(await read(producer), [...tables, ...rejections]);
  assert.deepEqual([...kernel.keys()], [2n]);
});

test("without tables there is nothing to say", async () => {
  const producer = new TenantMetrics(
    () => [],
    () => undefined,
    scope,
  );
  assert.deepEqual(await read(producer), []);
});
