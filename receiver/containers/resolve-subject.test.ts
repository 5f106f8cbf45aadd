import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveSubject } from "./resolve-subject.ts";

const id = "f".repeat(64);

test("a container in the path gives its id, and says that only the path told", () => {
  const resolved = resolveSubject({ kind: "cgroup", id: 1n, path: `/docker/${id}` });
  assert.deepEqual(resolved, { key: id, attributes: { "container.id": id }, attribution: "path" });
});

test("cgroups inside one container share its resource", () => {
  const keys = ["", "/init.scope", "/system.slice/ssh.service"].map(
    (inner, index) =>
      resolveSubject({ kind: "cgroup", id: BigInt(index), path: `/docker/${id}${inner}` }).key,
  );
  assert.deepEqual(new Set(keys), new Set([id]));
});

test("a path without a container is the host's, and no path is unknown but never an error", () => {
  const unit = resolveSubject({ kind: "cgroup", id: 1n, path: "/system.slice/ssh.service" });
  assert.deepEqual([unit.key, unit.attribution], ["host", "path"]);
  const lost = resolveSubject({ kind: "cgroup", id: 1n, path: "" });
  assert.deepEqual([lost.key, lost.attribution, lost.attributes], ["host", "unknown", {}]);
  assert.equal(resolveSubject({ kind: "host" }).attribution, "resolved");
});
