/** `kerntel query` where nothing runs: it reads the files, and leaves every byte of them as it was. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { logDirectory } from "../pipeline/state-directory.ts";
import { collectCommand } from "../collected-command.ts";

const DAY_MS = 24 * 3_600_000;

/** A state directory with three segments of 1,000 records that are this old. */
async function makeStateDirectory(context: TestContext, ageDays: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-query-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const now = (): number => Date.now() - ageDays * DAY_MS;
  const log = await openLocalLog({
    directory: logDirectory(directory),
    segmentBytes: 1,
    maxAgeMs: 30 * DAY_MS,
  });
  const nextUid = createUidSource(undefined, now);
  for (let segment = 0; segment < 3; segment += 1) {
    await log.append(Array.from({ length: 1000 }, () => createSampleRecord(nextUid())));
  }
  await log.close();
  return directory;
}

async function query(directory: string, ...args: readonly string[]): Promise<Outcome> {
  const { code, out, err } = await collectCommand(["query", ...args], { KERNTEL_STATE_DIR: directory });
  return { code, lines: out.split("\n").length - 1, err };
}

interface Outcome {
  readonly code: number;
  readonly lines: number;
  readonly err: string;
}

function describeFiles(directory: string): readonly string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return names.map((name) => {
    const found = statSync(join(directory, name));
    const content = found.isFile() ? readFileSync(join(directory, name)) : "";
    return `${name} ${found.mtimeMs} ${createHash("sha256").update(content).digest("hex")}`;
  });
}

test("a query of records that are older than the default age shows all of them, again and again", async (context) => {
  const directory = await makeStateDirectory(context, 20);
  const before = describeFiles(directory);
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await query(directory), { code: 0, lines: 3000, err: "" });
  }
  assert.equal((await query(directory, "--limit", "7", "--json")).lines, 7);
  assert.deepEqual(describeFiles(directory), before);
});

test("a query names damage and counts what it costs, and leaves it to the program", async (context) => {
  const directory = await makeStateDirectory(context, 0);
  const [segment = ""] = readdirSync(join(logDirectory(directory), "segments")).sort();
  const path = join(logDirectory(directory), "segments", segment);
  const file = readdirSync(path).find((name) => name.endsWith(".log")) ?? "";
  truncateSync(join(path, file), 100_000);
  const before = describeFiles(directory);
  const { code, lines, err } = await query(directory);
  assert.equal(code, 0);
  const lost = Number(/^kerntel: (\d+) stored log records are damaged and cannot be read$/m.exec(err)?.[1]);
  assert.equal(lines + lost, 3000);
  assert.ok(lost > 0);
  assert.deepEqual(describeFiles(directory), before);
});
