import assert from "node:assert/strict";
import { test } from "node:test";
import { TenantTables } from "./tenant-tables.ts";
import { hostTenant } from "./tenant.ts";
import type { Tenant, TenantRoot } from "./tenant.ts";

const ID = "a".repeat(64);
const container: Tenant = { kind: "container", key: `container docker ${ID}`, ownerUid: 0, containerId: ID };
const unit: Tenant = { kind: "unit", key: "unit sshd.service", ownerUid: 0 };
const user: Tenant = { kind: "user", key: "user 1000", ownerUid: 1_000 };
const rootless = (id: string): Tenant => ({
  kind: "container",
  key: `container ${id}`,
  ownerUid: 1_000,
  containerId: id,
});
const [OF_USER, OF_UNIT, OF_CONTAINER] = [1n << 56n, 2n << 56n, 3n << 56n];

const root = (tenant: Tenant, cgroupId: bigint, hierarchy = 0): TenantRoot => ({
  tenant,
  cgroupId,
  hierarchy,
});

/** A map of the kernel's, with as much room as a test gives it. */
function createMap(capacity: number): Map<bigint, bigint> & { update(key: bigint, value: bigint): void } {
  const map = new Map<bigint, bigint>();
  return Object.assign(map, {
    update: (key: bigint, value: bigint): void => {
      if (map.size >= capacity && !map.has(key)) throw new Error("E2BIG");
      map.set(key, value);
    },
  });
}

function createTables(capacity = 8) {
  const maps = { tenants: createMap(capacity), net_tenants: createMap(capacity) };
  const warnings: string[] = [];
  const clock = { nowMs: 0 };
  const log = { warn: (message: string): void => void warnings.push(message) };
  const tables = new TenantTables(maps, log, () => clock.nowMs);
  return { tables, maps, warnings, clock };
}

test("each root is in the table as long as it is there, with its hierarchy", () => {
  const { tables, maps } = createTables();
  tables.appeared(root(container, 5n));
  tables.appeared(root(container, 5n, 4));
  tables.appeared(root(unit, 6n));
  tables.appeared(root(user, 7n));
  assert.deepEqual(
    [...maps.tenants],
    [
      [5n, OF_CONTAINER | 1n],
      [(1n << 63n) | 5n, OF_CONTAINER | 1n],
      [6n, OF_UNIT | 2n],
      [7n, OF_USER | 1_000n],
    ],
  );
  tables.removed(root(container, 5n, 4));
  tables.removed(root(unit, 6n));
  assert.deepEqual([...maps.tenants.keys()], [5n, 7n]);
  assert.deepEqual(tables.counts(), { cgroups: 2, namespaces: 0, rejected: { cgroups: 0, namespaces: 0 } });
});

test("a user's containers are the user's tenant, so that no user is many tenants", () => {
  const { tables, maps } = createTables();
  tables.appeared(root(user, 7n));
  tables.appeared(root(rootless("b"), 8n));
  tables.appeared(root(rootless("c"), 9n));
  assert.deepEqual(new Set(maps.tenants.values()), new Set([OF_USER | 1_000n]));
  assert.equal(tables.containerId(OF_USER | 1_000n), undefined);
});

test("a root whose tenant turns out to be another one is that one's", () => {
  const { tables, maps } = createTables();
  tables.appeared(root(unit, 5n));
  tables.appeared(root(container, 5n));
  assert.deepEqual([...maps.tenants], [[5n, OF_CONTAINER | 2n]]);
  tables.addNamespace(70n, ID);
  assert.equal(maps.net_tenants.size, 1);
  tables.appeared(root(unit, 5n));
  assert.equal(maps.net_tenants.size, 0);
  tables.appeared(root(hostTenant, 5n));
  assert.equal(maps.tenants.size, 0);
});

test("a namespace is its container's, whichever of the two is known first, and goes with it", () => {
  const { tables, maps } = createTables();
  tables.addNamespace(70n, ID);
  assert.equal(maps.net_tenants.size, 0);
  tables.appeared(root(container, 5n));
  tables.addNamespace(71n, ID);
  // A process of another container that joins it does not take it over.
  tables.appeared(root({ ...container, key: "container other", containerId: "other" }, 6n));
  tables.addNamespace(71n, "other");
  assert.deepEqual(
    [...maps.net_tenants],
    [
      [70n, OF_CONTAINER | 1n],
      [71n, OF_CONTAINER | 1n],
    ],
  );
  tables.removeNamespace(70n);
  assert.deepEqual([...maps.net_tenants.keys()], [71n]);
  tables.removed(root(container, 5n));
  assert.equal(maps.net_tenants.size, 0);
  assert.equal(tables.counts().namespaces, 0);
});

test("a container that makes namespaces keeps its first one, and fills no table", () => {
  const { tables, maps } = createTables(100);
  tables.appeared(root(container, 5n));
  for (let cookie = 1n; cookie <= 1_000n; cookie++) tables.addNamespace(cookie, ID);
  assert.equal(maps.net_tenants.size, 32);
  assert.deepEqual([...maps.net_tenants.keys()].slice(0, 2), [1n, 970n]);
  assert.equal(tables.counts().namespaces, 32);
});

test("a cookie that the kernel does not tell names no namespace", () => {
  const { tables, maps } = createTables();
  tables.appeared(root(container, 5n));
  tables.addNamespace(0n, ID);
  assert.equal(maps.net_tenants.size, 0);
});

test("what a full table has no room for is counted and said, and comes in when it appears again", () => {
  const { tables, maps, warnings } = createTables(1);
  tables.appeared(root(unit, 5n));
  tables.appeared(root(container, 6n));
  tables.addNamespace(70n, ID);
  assert.deepEqual([...maps.tenants.keys()], [5n]);
  assert.deepEqual(tables.counts(), { cgroups: 1, namespaces: 1, rejected: { cgroups: 1, namespaces: 0 } });
  assert.deepEqual(warnings, ["a tenant shares the limits of the one above it"]);
  tables.removed(root(unit, 5n));
  tables.appeared(root(container, 6n));
  assert.deepEqual([...maps.tenants.keys()], [6n]);
  assert.deepEqual([...maps.net_tenants.keys()], [70n]);
});

test("the container of a number is known for five minutes after it is gone, and its number is not used again", () => {
  const { tables, clock } = createTables();
  const number = OF_CONTAINER | 1n;
  tables.appeared(root(container, 5n));
  tables.removed(root(container, 5n));
  clock.nowMs = 299_999;
  assert.deepEqual([tables.takeEnded(), tables.containerId(number)], [[], ID]);
  clock.nowMs = 300_000;
  assert.deepEqual([tables.takeEnded(), tables.containerId(number)], [[number], undefined]);
  assert.deepEqual(tables.takeEnded(), []);
  tables.appeared(root(container, 5n));
  assert.equal(tables.containerId(OF_CONTAINER | 2n), ID);
});
