import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { onlineCpus } from "./online-cpus.ts";

for (const [list, expected] of [
  ["0\n", [0]],
  ["0-3\n", [0, 1, 2, 3]],
  ["0-1,4,6-7\n", [0, 1, 4, 6, 7]],
] as const) {
  test(`the list ${list.trim()} names CPUs ${expected.join(" ")}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "cpus-"));
    try {
      writeFileSync(join(folder, "online"), list);
      assert.deepEqual(onlineCpus(join(folder, "online")), expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
