import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import { readUid, type ReadOptions } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { type LocalLogOptions, openLocalLog } from "./local-log.ts";
import { type LogReader, openLogReader } from "./log-reader.ts";
import { createUidSource } from "./uid.ts";

const CHILD = path.join(import.meta.dirname, "fixtures/append-until-killed.ts");
const DAY_MS = 24 * 3_600_000;

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "log-reader-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Segments of 1,000 records each, written at that time; their uids in order. */
async function writeLog(
  segments: number,
  timeMs: number,
  options: Partial<LocalLogOptions> = {},
): Promise<string[]> {
  const now = (): number => timeMs;
  const nextUid = createUidSource(undefined, now);
  const log = await openLocalLog({ directory, segmentBytes: 1, maxAgeMs: 30 * DAY_MS, ...options });
  const uids: string[] = [];
  for (let segment = 0; segment < segments; segment += 1) {
    const records = Array.from({ length: 1000 }, () => createSampleRecord(nextUid()));
    await log.append(records);
    uids.push(...records.map((record) => readUid(record) ?? ""));
  }
  await log.close();
  return uids;
}

async function readUids(reader: LogReader, options: ReadOptions = {}): Promise<string[]> {
  const uids: string[] = [];
  for await (const batch of reader.read(options)) uids.push(...batch.map((record) => readUid(record) ?? ""));
  return uids;
}

/** Name, kind, mode, size, time and content of everything there is. */
function describeFiles(): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const file = path.join(directory, name);
      const { mode, size, mtimeMs, ctimeMs, nlink } = lstatSync(file);
      const content = lstatSync(file).isFile() ? readFileSync(file) : "";
      const hash = createHash("sha256").update(content).digest("hex");
      return [name, mode, size, mtimeMs, ctimeMs, nlink, hash].join(" ");
    });
}

function listTables(segment: string): string[] {
  return readdirSync(segment).filter((name) => name.endsWith(".ldb"));
}

test("reading a log of records that are eight days old loses none and changes nothing in its directory", async () => {
  const stored = await writeLog(4, Date.now() - 8 * DAY_MS);
  const before = describeFiles();
  const reader = await openLogReader({ directory });
  assert.deepEqual(await readUids(reader), stored);
  assert.deepEqual(
    await readUids(reader, { after: stored[1499] ?? "", limit: 1000 }),
    stored.slice(1500, 2500),
  );
  assert.equal(reader.unreadable, 0);
  assert.deepEqual(describeFiles(), before);
});

test("what a killed process left is read without being repaired", async () => {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const confirmed: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    confirmed.push(...text.split(/\s/).filter((word) => word !== ""));
    if (confirmed.length > 2000) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  // The last line may have been cut by the end of the process.
  confirmed.pop();
  const before = describeFiles();
  const found = await readUids(await openLogReader({ directory }));
  assert.equal(new Set(confirmed).difference(new Set(found)).size, 0);
  assert.deepEqual(describeFiles(), before);
  const log = await openLocalLog({ directory });
  const expected: string[] = [];
  for await (const batch of log.read({})) expected.push(...batch.map((record) => readUid(record) ?? ""));
  await log.close();
  assert.deepEqual(found, expected);
});

test("while a reader stands still, the log is opened, written, and loses old segments; the reader goes on", async () => {
  const stored = await writeLog(5, Date.now());
  const reader = await openLogReader({ directory });
  const batches = reader.read({ batchSize: 100 })[Symbol.asyncIterator]();
  const read: ReadableLogRecord[] = [];
  const first = await batches.next();
  if (!first.done) read.push(...first.value);
  // The limit lets only the segments live that are written from now on.
  const log = await openLocalLog({ directory, segmentBytes: 1, maxTotalBytes: 200_000 });
  const nextUid = createUidSource(log.newestUid());
  while (log.counts().expired < 4000) {
    await log.append(Array.from({ length: 1000 }, () => createSampleRecord(nextUid())));
  }
  for (let next = await batches.next(); !next.done; next = await batches.next()) read.push(...next.value);
  const uids = read.map((record) => readUid(record) ?? "");
  // The segment that was open is read to its end though it is destroyed; those behind it were counted by retention.
  assert.deepEqual(uids.slice(0, 1000), stored.slice(0, 1000));
  assert.ok(new Set(uids).isSubsetOf(new Set(stored)));
  assert.equal(reader.unreadable, 0);
  await log.close();
});

test("another user reads a log that it may read, and is refused one that it may not read", async (context) => {
  if (process.geteuid?.() !== 0) return context.skip("only root can become another user");
  const stored = await writeLog(1, Date.now());
  const script = `
    import { openLogReader } from ${JSON.stringify(path.join(import.meta.dirname, "log-reader.ts"))};
    process.setgroups([]);
    process.setgid(54321);
    process.setuid(54321);
    let count = 0;
    try {
      for await (const batch of (await openLogReader({ directory: ${JSON.stringify(directory)} })).read({})) count += batch.length;
      console.log(count);
    } catch ({ code, message }) {
      console.log(code, message);
    }`;
  const read = (): string =>
    spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).stdout.trim();
  assert.match(
    read(),
    /^LOCAL_LOG_NOT_READABLE The local log in .* cannot be read: .*permission.*\(EACCES\)\.$/,
  );
  execFileSync("chmod", ["-R", "a+rX", directory]);
  const before = describeFiles();
  assert.equal(read(), String(stored.length));
  assert.deepEqual(describeFiles(), before);
});

for (const [what, damage] of [
  ["flipped bytes in a table", flipTable],
  [
    "a table that is missing",
    (segment: string) => unlinkSync(path.join(segment, listTables(segment)[0] ?? "")),
  ],
  ["a manifest that is cut", (segment: string) => cut(segment, /^MANIFEST/)],
  [
    "a pointer to no manifest",
    (segment: string) => writeFileSync(path.join(segment, "CURRENT"), "MANIFEST-9\n"),
  ],
] as const) {
  test(`${what}: a reader gives what can be read, counts the rest, and changes nothing`, async () => {
    const stored = await writeLog(3, Date.now());
    const [, segment = ""] = readdirSync(path.join(directory, "segments")).sort();
    const damaged = path.join(directory, "segments", segment);
    // As a log is after a restart: with tables.
    for (let life = 0; life < 2; life += 1) await (await openLocalLog({ directory })).close();
    await readThrough();
    assert.ok(listTables(damaged).length > 0);
    damage(damaged);
    const before = describeFiles();
    const warnings: string[] = [];
    const reader = await openLogReader({ directory, onWarning: (message) => warnings.push(message) });
    const found = await readUids(reader);
    assert.equal(found.length + reader.unreadable, stored.length);
    assert.deepEqual(found, [...new Set(found)].sort());
    assert.ok(new Set(found).isSubsetOf(new Set(stored)));
    assert.ok(reader.unreadable > 0 || warnings.some((message) => message.includes(damaged)), "not reported");
    assert.deepEqual(describeFiles(), before);
  });
}

/** LevelDB makes tables of its logs when it opens. */
async function readThrough(): Promise<void> {
  const log = await openLocalLog({ directory });
  for await (const _ of log.read({}));
  await log.close();
}

function flipTable(segment: string): void {
  const file = path.join(segment, listTables(segment)[0] ?? "");
  const content = readFileSync(file);
  writeFileSync(file, content.fill(0xff, content.length >> 1, (content.length >> 1) + 200));
}

function cut(segment: string, name: RegExp): void {
  const file = path.join(segment, readdirSync(segment).find((found) => name.test(found)) ?? "");
  writeFileSync(file, readFileSync(file).subarray(0, 20));
}

test("a log that is not there is an error with its code, and an empty one has no records", async () => {
  const absent = await openLogReader({ directory: path.join(directory, "absent") });
  await assert.rejects(readUids(absent), (error) => readErrorCode(error) === "LOCAL_LOG_MISSING");
  await (await openLocalLog({ directory })).close();
  assert.deepEqual(await readUids(await openLogReader({ directory })), []);
});
