/** Holds what this run's live tests noted of each kernel against `test/kernels.md`, and writes the table anew. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findLosses, mergeRows, readNotes, readTable, writeTable } from "./kernel-table.ts";
import { notesPath } from "./notes.ts";

const tablePath = join(import.meta.dirname, "../kernels.md");
const text = existsSync(tablePath) ? readFileSync(tablePath, "utf8") : "";
const before = readTable(text);
const now = readNotes(existsSync(notesPath) ? readFileSync(notesPath, "utf8").split("\n") : []);
const hostRelease = now.find(({ kernel }) => kernel === "host")?.release;
let losses = 0;

for (const row of before) {
  test(`${row.event} on the kernel ${row.kernel} is not worse than test/kernels.md says`, (context) => {
    const found = now.find(({ event, kernel }) => event === row.event && kernel === row.kernel);
    if (!now.some(({ kernel }) => kernel === row.kernel)) {
      context.skip("no live test ran on this kernel");
    } else if (row.kernel === "host" && row.release !== hostRelease) {
      context.skip(`NOT COMPARED: the table's host is ${row.release}, this one ${hostRelease}`);
    } else {
      const worse = findLosses(row, found);
      losses += worse.length;
      assert.deepEqual(worse, []);
    }
  });
}

test("the table of kernels is written", (context) => {
  const knownHost = before.find(({ kernel }) => kernel === "host")?.release;
  // Another host's row stays: whoever commits it there can compare it.
  const mine = now.filter(({ kernel }) => kernel !== "host" || (knownHost ?? hostRelease) === hostRelease);
  const table = writeTable(mergeRows(before, mine));
  if (losses > 0) context.skip("a line got worse: test/kernels.md stays as it is");
  else if (table === text) context.diagnostic("test/kernels.md is as it was");
  else if (process.env["CI"] === "true") context.diagnostic(`test/kernels.md would now read:\n${table}`);
  else {
    writeFileSync(tablePath, table);
    context.diagnostic("test/kernels.md has changed: commit it");
  }
});
