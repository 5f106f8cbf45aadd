import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { fixture, live } from "./fixture.ts";

const child = fileURLToPath(new URL("children/stage.ts", import.meta.url));

describe("a process", live, () => {
  fixture("ring");
  for (const stage of [
    "open",
    "closed before load",
    "loaded",
    "attached",
    "reading",
    "in onBatch",
    "paused",
    "object closed while reading",
  ]) {
    for (const [ending, expected] of [
      ["return", 0],
      ["exit", 7],
      ["throw", 7],
    ] as const) {
      test(`ends cleanly by ${ending} at stage: ${stage}`, async () => {
        assert.deepEqual(await run(stage, ending), { code: expected, signal: null, stderr: "" });
      });
    }
  }

  test("is kept alive by a reader, and no longer than that", async () => {
    assert.deepEqual(await run("kept alive", "return"), { code: 7, signal: null, stderr: "" });
  });
});

async function run(
  stage: string,
  ending: string,
): Promise<{ code: unknown; signal: unknown; stderr: string }> {
  const started = spawn(process.execPath, [child, stage, ending], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 30_000,
  });
  let stderr = "";
  started.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code, signal] = (await once(started, "close")) as [unknown, unknown];
  return { code, signal, stderr };
}
