import assert from "node:assert/strict";
import { test } from "node:test";
import { TenantRoots } from "./tenant.ts";
import type { Tenant } from "./tenant.ts";

const container: Tenant = { kind: "container", key: "container 1", ownerUid: 0 };
const user: Tenant = { kind: "user", key: "user 1000", ownerUid: 1_000 };

function follow(roots: TenantRoots): { readonly lines: string[]; readonly follower: Disposable } {
  const lines: string[] = [];
  const follower = roots.follow({
    appeared: ({ tenant, hierarchy, cgroupId }) => lines.push(`+ ${hierarchy}/${cgroupId} ${tenant.key}`),
    removed: ({ tenant, hierarchy, cgroupId }) => lines.push(`- ${hierarchy}/${cgroupId} ${tenant.key}`),
  });
  return { lines, follower };
}

test("a follower hears of the roots that are there, and then of each change once", () => {
  const roots = new TenantRoots();
  roots.set({ tenant: container, hierarchy: 4, cgroupId: 7n });
  const { lines, follower } = follow(roots);
  roots.set({ tenant: container, hierarchy: 0, cgroupId: 7n });
  roots.set({ tenant: { ...container }, hierarchy: 0, cgroupId: 7n });
  roots.delete({ hierarchy: 4, cgroupId: 7n });
  roots.delete({ hierarchy: 4, cgroupId: 7n });
  follower[Symbol.dispose]();
  roots.delete({ hierarchy: 0, cgroupId: 7n });
  assert.deepEqual(lines, ["+ 4/7 container 1", "+ 0/7 container 1", "- 4/7 container 1"]);
  assert.equal(roots.size, 0);
});

test("a root that another tenant has now appears again, with that tenant", () => {
  const roots = new TenantRoots();
  const { lines } = follow(roots);
  roots.set({ tenant: user, hierarchy: 0, cgroupId: 7n });
  roots.set({ tenant: { ...user, ownerUid: 1_001, key: "user 1001" }, hierarchy: 0, cgroupId: 7n });
  assert.deepEqual(lines, ["+ 0/7 user 1000", "+ 0/7 user 1001"]);
});
