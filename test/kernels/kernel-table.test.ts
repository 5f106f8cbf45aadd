import assert from "node:assert/strict";
import { test } from "node:test";
import { findLosses, isNote, mergeRows, readNotes, readTable, writeTable } from "./kernel-table.ts";
import type { KernelRow } from "./kernel-table.ts";

const row: KernelRow = {
  event: "oom",
  kernel: "6.12",
  release: "6.12.1+deb12-cloud-amd64",
  hooks: ["tp_btf/mark_victim", "kprobe/oom_kill_process"],
  provoked: ["a hog", "a leak"],
  unsupported: "",
};
const lacking: KernelRow = { ...row, event: "ras", hooks: [], provoked: [], unsupported: "no tracepoint" };

test("notes of a run become one row for each event and kernel", () => {
  const notes = [
    "kernel 6.12 6.12.1+deb12-cloud-amd64: oom provoked: a leak",
    "kernel 6.12 6.12.1+deb12-cloud-amd64: oom hook: tp_btf/mark_victim",
    "kernel 6.12 6.12.1+deb12-cloud-amd64: oom hook: tp_btf/mark_victim, kprobe/oom_kill_process",
    "kernel 6.12 6.12.1+deb12-cloud-amd64: oom provoked: a hog",
    "kernel 6.12 6.12.1+deb12-cloud-amd64: oom provoked: a hog",
    "kernel 6.12 6.12.1+deb12-cloud-amd64: ras unsupported: no tracepoint",
    "this kernel does not tell the receiving socket",
  ];
  assert.deepEqual(readNotes(notes), [row, lacking]);
  assert.deepEqual(notes.map(isNote), [true, true, true, true, true, true, false]);
});

test("a table that is written is read as it was", () => {
  const rows = [{ ...row, kernel: "6.1" }, row, { ...row, kernel: "host", provoked: [] }, lacking];
  assert.deepEqual(readTable(writeTable(rows)), rows);
  assert.deepEqual(readTable(""), []);
});

for (const [title, now, losses] of [
  ["the same", row, []],
  ["more", { ...row, hooks: [...row.hooks, "fentry/x"], provoked: ["a hog", "a leak", "a fork"] }, []],
  ["a lost hook", { ...row, hooks: ["tp_btf/mark_victim"] }, ["it lost its hook kprobe/oom_kill_process"]],
  ["one way less to raise it", { ...row, provoked: ["a leak"] }, ["it was not raised by: a hog"]],
  ["not supported any more", { ...lacking, event: "oom" }, ["it is unsupported now: no tracepoint"]],
  ["not run", undefined, ["it did not run"]],
] as const) {
  test(`a row that is ${title} has ${losses.length} losses`, () => {
    assert.deepEqual(findLosses(row, now), losses);
  });
}

test("a run replaces the rows of the kernels that it ran on, and no others", () => {
  const host = { ...row, kernel: "host" };
  const now = { ...row, release: "6.12.2" };
  assert.deepEqual(mergeRows([row, lacking, host], [now]), [now, host]);
});
