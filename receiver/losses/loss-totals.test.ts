import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "../tracing/losses.ts";
import { collectLosses } from "./loss-totals.ts";

test("every counter of a loss is in the list, under a key of its own", () => {
  const report = {
    name: "oom",
    state: "running",
    reason: "",
    hook: "",
    since: new Date(0),
    seen: 100,
    filtered: 1,
    aggregated: 2,
    suppressed: 3,
    ring_lost: 4,
    missed: 5,
    undecodable: 6,
    refused: 7,
    stored: 72,
  } as const;
  const losses = collectLosses({
    events: [report],
    deliveries: [{ name: "far", counts: () => ({ expired: 8, unreadable: 9 }) }],
    containers: { cgroups: { evicted: 10 }, evictedNamespaces: 11, lost: 12 },
    rejectedTenants: { cgroups: 13, namespaces: 14 },
  });
  const said = losses.map((loss) => {
    const { reason, event, destination, table, total, seen } = loss;
    return [reason, event ?? destination ?? table, total, seen];
  });
  assert.deepEqual(said, [
    ["ring_lost", "oom", 4, 100],
    ["missed", "oom", 5, 100],
    ["undecodable", "oom", 6, 100],
    ["refused", "oom", 7, 100],
    ["suppressed", "oom", 3, 100],
    ["expired", "far", 8, undefined],
    ["unreadable", "far", 9, undefined],
    ["evicted", "cgroups", 10, undefined],
    ["evicted", "network_namespaces", 11, undefined],
    ["ring_lost", "cgroups", 12, undefined],
    ["table_full", "tenant_cgroups", 13, undefined],
    ["table_full", "tenant_namespaces", 14, undefined],
  ]);
  assert.equal(new Set(losses.map(keyOf)).size, losses.length);
  const none = { events: [], deliveries: [], containers: undefined, rejectedTenants: undefined };
  assert.deepEqual(collectLosses(none), []);
});
