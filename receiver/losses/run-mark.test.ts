import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readRunMark, writeRunMark } from "./run-mark.ts";

function makeDirectory(context: { after: (act: () => void) => void }): string {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-mark-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

const at = { bootNs: 7, wallMs: 9 };
const mark = {
  bootId: "a",
  ...at,
  isStopped: true,
  storedUid: "",
  losses: [{ reason: "expired" as const, destination: "far", count: 3, from: at }],
  downtimes: [{ reason: "crash" as const, isCleanStop: false, from: at, until: at }],
};

test("what was written is read, nothing else stays behind, and others cannot read it", async (context) => {
  const directory = makeDirectory(context);
  assert.equal(readRunMark(directory), undefined);
  await writeRunMark(directory, { ...mark, losses: [] });
  await writeRunMark(directory, mark);
  assert.deepEqual(readRunMark(directory), { version: 1, ...mark });
  assert.deepEqual(readdirSync(directory), ["run.json"]);
  assert.equal(statSync(join(directory, "run.json")).mode & 0o777, 0o600);
});

const whole = { version: 1, ...mark };
const damaged: readonly unknown[] = [
  7,
  null,
  { ...whole, version: 2 },
  { ...whole, bootNs: "7" },
  { ...whole, isStopped: undefined },
  { ...whole, losses: {} },
  { ...whole, losses: [{ ...whole.losses[0], reason: "gone" }] },
  { ...whole, losses: [{ ...whole.losses[0], table: "gone" }] },
  { ...whole, losses: [{ ...whole.losses[0], from: {} }] },
  { ...whole, downtimes: [{ ...whole.downtimes[0], reason: "ring_lost" }] },
  { ...whole, downtimes: [null] },
];

for (const text of ["", "{", ...damaged.map((value) => JSON.stringify(value))]) {
  test(`a mark that reads ${text} is damaged`, (context) => {
    const directory = makeDirectory(context);
    writeFileSync(join(directory, "run.json"), text);
    assert.throws(() => readRunMark(directory), /run\.json is damaged: how long nothing was watched/);
  });
}
