import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const script = join(import.meta.dirname, "guest/check-timers");

/** On a machine with three CPUs, of which one may have no timer. */
function check(cpuWithoutTimer: string): { readonly status: number | null; readonly stdout: string } {
  const folder = mkdtempSync(join(tmpdir(), "check-timers-"));
  try {
    const programs = {
      nproc: "echo 3",
      taskset: `if [ "$1" = ${cpuWithoutTimer} ]; then exec sleep 1000; fi; shift; exec "$@"`,
    };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
    return spawnSync("sh", [script, "0.5"], { env, encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a machine whose timers all fire is fit", () => {
  const { status, stdout } = check("none");
  assert.deepEqual([status, stdout], [0, ""]);
});

test("a CPU whose timer does not fire is named", () => {
  const { status, stdout } = check("4");
  assert.deepEqual([status, stdout], [1, "the timer of CPU 2 does not fire\n"]);
});
