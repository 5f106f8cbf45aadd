import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { ProofLog } from "./proof-log.ts";
import { formatProofTable } from "./proof-table.ts";
import type { ProofPart } from "./proof-part.ts";
import { runProof } from "./run-proof.ts";

const setting = { kernel: "6.18.0", commit: "abc1234" };

function makeLogPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-prove-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, "inner/part.jsonl");
}

function partOf(run: (repetition: number) => number): ProofPart {
  const proofCase = {
    name: "kill",
    repetitions: 3,
    run: (repetition: number) => ({ lost: run(repetition) }),
  };
  return { name: "part", claim: "Nothing is lost.", cases: [proofCase] };
}

const ignore = (): void => {};

test("a proof that was ended goes on with the repetitions that are not done", async (context) => {
  const path = makeLogPath(context);
  const done: number[] = [];
  const part = partOf((repetition) => {
    done.push(repetition);
    return 0;
  });
  assert.equal(await runProof({ part, log: new ProofLog(path, setting), repetitions: 2, write: ignore }), 0);
  // As a process that was killed while it wrote leaves it.
  appendFileSync(path, '{"case":"kill","repe');
  assert.equal(await runProof({ part, log: new ProofLog(path, setting), write: ignore }), 0);
  assert.deepEqual(done, [0, 1, 2]);
});

test("what was proved of another commit or kernel is proved again", async (context) => {
  const path = makeLogPath(context);
  let runs = 0;
  const part = partOf(() => {
    runs += 1;
    return 0;
  });
  for (const changed of [setting, { ...setting, commit: "abc1234+" }, { ...setting, kernel: "6.1.0" }])
    await runProof({ part, log: new ProofLog(path, changed), write: ignore });
  assert.equal(runs, 9);
});

test("a repetition that fails is counted, stands in the table with its reason, and is done again next time", async (context) => {
  const path = makeLogPath(context);
  let isBroken = true;
  const part = partOf((repetition) => {
    if (isBroken && repetition === 1) throw new Error("one record is missing");
    return 1_000;
  });
  const log = new ProofLog(path, setting);
  const format = (): string =>
    formatProofTable({ part, entries: log.entries(), date: "2026-12-01", ...setting }).replaceAll(
      / \d+ \|$/gm,
      " s |",
    );
  assert.equal(await runProof({ part, log, write: ignore }), 1);
  assert.match(format(), /^\| kill \| 3 of 3 \| 2,000 \| 1 \| s \|$/m);
  assert.match(format(), /^- kill, repetition 1: one record is missing$/m);
  isBroken = false;
  assert.equal(await runProof({ part, log, write: ignore }), 0);
  assert.match(format(), /^\| kill \| 3 of 3 \| 3,000 \| 0 \| s \|$/m);
  assert.match(
    format(),
    /^Written by `make prove PART=part` on 2026-12-01, Linux 6\.18\.0, commit abc1234\.$/m,
  );
});

test("a case with a figure from before stands beside the largest of each count of its own", async (context) => {
  const log = new ProofLog(makeLogPath(context), setting);
  const [kill] = partOf((repetition) => 1_000 * repetition).cases;
  assert.ok(kill !== undefined);
  const flood = { name: "flood", repetitions: 1, run: () => ({ described: 36, flooded: 6_000 }) };
  const part = { name: "part", claim: "All holds.", cases: [{ ...kill, before: "10 of 36" }, flood] };
  await runProof({ part, log, write: ignore });
  const table = formatProofTable({ part, entries: log.entries(), date: "2026-12-01", ...setting });
  assert.match(table, /^\| kill \| 3 of 3 \| 10 of 36 \| lost 2,000 \| 0 \| \d+ \|$/m);
  assert.match(table, /^\| flood \| 1 of 1 \|  \| described 36; flooded 6,000 \| 0 \| \d+ \|$/m);
});
