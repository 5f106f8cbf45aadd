/** The addon by itself, without what TypeScript checks before it: no call may end the process. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { fixture, live } from "./fixture.ts";

const child = fileURLToPath(new URL("children/hostile-calls.ts", import.meta.url));

test(
  "every function of the addon answers wrong arguments with a TypeError, and the process lives on",
  live,
  () => {
    for (const name of ["hooks", "maps", "ring"]) fixture(name);
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child], { encoding: "utf8" });
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr.slice(-4_000));
    const { calls, wrong, untested } = JSON.parse(stdout) as {
      calls: number;
      wrong: readonly string[];
      untested: readonly string[];
    };
    assert.deepEqual(wrong, []);
    assert.deepEqual(untested, [], "functions that the child has no prototype of");
    assert.ok(calls > 10_000, `${calls} calls`);
  },
);
