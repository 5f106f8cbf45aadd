import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { mergeRuns } from "./merge-runs.ts";
import type { TestGroup } from "./merge-runs.ts";

/** Files of one line each; the child processes must not think that they are part of this run. */
function writeTests(context: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-runs-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(root, name), `import { test } from "node:test"; ${body}`);
  }
  return root;
}

async function collect(root: string, groups: readonly TestGroup[]): Promise<string[]> {
  const nested = process.env["NODE_TEST_CONTEXT"];
  delete process.env["NODE_TEST_CONTEXT"];
  const lines: string[] = [];
  for await (const { type, data } of mergeRuns(root, groups)) {
    if (type === "test:pass" || type === "test:fail") lines.push(`${type} ${data.name}`);
    if (type === "test:diagnostic") lines.push(data.message.replace(/(duration_ms) .*/, "$1"));
    if (type === "test:summary" && data.file === undefined) lines.push(`success ${data.success}`);
  }
  if (nested !== undefined) process.env["NODE_TEST_CONTEXT"] = nested;
  return lines;
}

test("two groups end in one summary that counts both", async (context) => {
  const root = writeTests(context, {
    "a.mjs": 'test("one", () => {}); test("two", { skip: true }, () => {});',
    "b.mjs": 'test("three", () => { throw new Error("no"); });',
  });
  const lines = await collect(root, [
    { files: ["a.mjs"], concurrency: 2 },
    { files: [], concurrency: 2 },
    { files: ["b.mjs"], concurrency: 1 },
  ]);
  assert.deepEqual(lines, [
    "test:pass one",
    "test:pass two",
    "test:fail three",
    "success false",
    ..."tests 3,suites 0,pass 1,fail 1,cancelled 0,skipped 1,todo 0,duration_ms".split(","),
  ]);
});

test("a group that is not run is counted as skipped, and only that", async (context) => {
  const root = writeTests(context, { "a.mjs": 'test("one", () => {});' });
  const lines = await collect(root, [
    { files: ["a.mjs"], concurrency: 1 },
    { files: ["b.mjs", "c.mjs"], concurrency: 1, skip: "not asked for" },
  ]);
  assert.deepEqual(lines.slice(0, 3), ["test:pass one", "test:pass b.mjs", "test:pass c.mjs"]);
  assert.deepEqual(lines.slice(3, 7), ["success true", "tests 3", "suites 0", "pass 1"]);
  assert.ok(lines.includes("skipped 2"));
});

test("a file that breaks before its first test fails the run", async (context) => {
  const root = writeTests(context, { "a.mjs": "throw new Error();" });
  const lines = await collect(root, [{ files: ["a.mjs"], concurrency: 1 }]);
  assert.ok(lines.includes("fail 1"), lines.join("\n"));
  assert.ok(lines.includes("success false"));
});
