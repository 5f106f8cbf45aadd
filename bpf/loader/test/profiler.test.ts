/** A process that gets signals all the time, as one that is profiled does. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fixture, live } from "./fixture.ts";

const child = fileURLToPath(new URL("children/load.ts", import.meta.url));

describe("a program that is profiled", live, () => {
  test("loads what keeps the verifier busy for longer than a signal takes to come", (context) => {
    const folder = mkdtempSync(join(tmpdir(), "bpf-loader-profile-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const profiling = ["--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${folder}`];
    const { stdout, stderr } = spawnSync(process.execPath, [...profiling, child, fixture("long")], {
      encoding: "utf8",
    });
    assert.match(stdout, /^loaded in/, stderr);
  });
});
