/** `kerntel query` as a process: what reads it may be slow, go away, or have no room. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { logDirectory } from "../pipeline/state-directory.ts";

const RECORDS = 1_500;
const MAIN = join(import.meta.dirname, "../main.ts");

let stateDirectory = "";
before(async () => {
  stateDirectory = mkdtempSync(join(tmpdir(), "kerntel-query-"));
  const log = await openLocalLog({ directory: logDirectory(stateDirectory) });
  const nextUid = createUidSource();
  const lxc = resourceFromAttributes({ "container.id": "web_1", "container.runtime.name": "lxc" });
  await log.append([
    createSampleRecord(nextUid(), { body: "first", resource: lxc }),
    ...Array.from({ length: RECORDS - 1 }, () =>
      createSampleRecord(nextUid(), { body: "\u009b2J".repeat(100) }),
    ),
  ]);
  await log.close();
});
after(() => {
  rmSync(stateDirectory, { recursive: true });
});

function start(stdout: "pipe" | number, ...args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, ["--disable-sigusr1", MAIN, "query", "--json", ...args], {
    env: { ...process.env, KERNTEL_STATE_DIR: stateDirectory },
    stdio: ["ignore", stdout, "pipe"],
  });
}

async function end(child: ReturnType<typeof spawn>): Promise<{ code: unknown; err: string }> {
  let err = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  return { code, err };
}

test("a reader that is slow gets every record of a query", async () => {
  const child = start("pipe");
  const ended = end(child);
  let text = "";
  child.stdout?.setEncoding("utf8");
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    await sleep(3);
  }
  assert.deepEqual(await ended, { code: 0, err: "" });
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, RECORDS);
  for (const line of lines) JSON.parse(line);
  assert.ok(!text.includes("\u009b"));
});

test("a reader that has seen enough ends a query quietly", () => {
  const script = `{ "$0" --disable-sigusr1 "$1" query --json; echo "ended with $?" >&2; } | head -1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, MAIN], {
    encoding: "utf8",
    env: { ...process.env, KERNTEL_STATE_DIR: stateDirectory },
  });
  assert.equal((JSON.parse(stdout) as { body: string }).body, "first");
  assert.equal(stderr, "ended with 0\n");
});

test("a query that could not be written down whole is a failure with its reason", async () => {
  const { code, err } = await end(start(openSync("/dev/full", "w")));
  assert.equal(code, 1);
  assert.match(
    err,
    /^kerntel: cannot write to stdout: (ENOSPC: .*)\nkerntel: \d+ lines for stdout lost: \1\n$/,
  );
});

test("a container is found by the name that its record has", async () => {
  const child = start("pipe", "--container", "web_1");
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  assert.deepEqual(await end(child), { code: 0, err: "" });
  assert.equal((JSON.parse(text) as { body: string }).body, "first");
});
