/** `docs/edges.md` promises a test for each fault: it must name files that are there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const rows = readFileSync(join(root, "docs/edges.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d+ /.test(line));

test("every fault of the page of edges has a test that exists", () => {
  assert.ok(rows.length > 30, `${rows.length} rows`);
  for (const row of rows) {
    const [, number = "", , , tests = ""] = row.split(/(?<!\\)\|/);
    const paths = [...tests.matchAll(/`([\w./-]+\.(?:test\.ts|sh))`/g)].map(([, path = ""]) => path);
    assert.ok(paths.length > 0, `number ${number.trim()} names no test`);
    for (const path of paths) assert.ok(existsSync(join(root, path)), `number ${number.trim()}: ${path}`);
  }
});
