import assert from "node:assert/strict";
import { test } from "node:test";
import { explainContainerId, matchContainerId } from "./container-id.ts";

const hexadecimal = "4f1c2a9b7e6d".padEnd(64, "0");

test("every id that a cgroup's name can give may be queried", () => {
  for (const id of [hexadecimal, "web", "web-1", "Debian 12", "a.b_c", "büro", "x".repeat(255)])
    assert.equal(explainContainerId(id), undefined, id);
});

test("the start of a hexadecimal id is enough, and a name is whole", () => {
  assert.ok(matchContainerId("4f1c2a9b7e6d")(hexadecimal));
  assert.ok(matchContainerId("web")("web"));
  assert.ok(!matchContainerId("web")("web-1"));
  assert.ok(!matchContainerId("4f1c")(hexadecimal));
});
