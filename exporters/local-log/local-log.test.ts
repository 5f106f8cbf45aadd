import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Expiry, type ReadOptions, readUid } from "../contract.ts";
import { createSampleRecord, SAMPLE_CONTAINER_ID } from "../sample-record.ts";
import type { ClockReadings } from "./age-clock.ts";
import { type LocalLog, type LocalLogOptions, openLocalLog } from "./local-log.ts";
import { createUidSource } from "./uid.ts";

let directory = "";
let log: LocalLog | undefined;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "local-log-"));
});

afterEach(async () => {
  await log?.close();
  log = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function open(options: Partial<LocalLogOptions> = {}): Promise<LocalLog> {
  log = await openLocalLog({ directory, ...options });
  return log;
}

async function readAll(from: LocalLog, options: ReadOptions = {}): Promise<ReadableLogRecord[]> {
  const records: ReadableLogRecord[] = [];
  for await (const batch of from.read(options)) records.push(...batch);
  return records;
}

function createRecords(count: number, nextUid: () => string): ReadableLogRecord[] {
  return Array.from({ length: count }, () => createSampleRecord(nextUid()));
}

test("a record comes back as it was stored", async () => {
  const opened = await open();
  const record = createSampleRecord(createUidSource()(), {
    body: {
      text: "nested",
      bytes: Buffer.from([0, 255]),
      numbers: [1.5, Number.NaN, -Infinity],
      $otel: "own",
    },
    severityText: "WARN",
    droppedAttributesCount: 2,
    spanContext: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 },
    attributes: { list: ["a", "b"], flag: false, ratio: 0.5, unicode: "héllo\n\u0000" },
  });
  await opened.append([record]);
  const [found] = await readAll(opened);
  assert.ok(found);
  const { resource, ...rest } = found;
  const { resource: expectedResource, ...expected } = record;
  assert.deepEqual(rest, expected);
  assert.deepEqual(resource.attributes, expectedResource.attributes);
});

test("records of one resource share one resource object and one scope object, also across segments", async () => {
  const opened = await open({ segmentBytes: 1 });
  const nextUid = createUidSource();
  await opened.append(createRecords(1000, nextUid));
  await opened.append(createRecords(3, nextUid));
  const records = await readAll(opened);
  assert.equal(records.length, 1003);
  assert.equal(new Set(records.map((record) => record.resource)).size, 1);
  assert.equal(new Set(records.map((record) => record.instrumentationScope)).size, 1);
});

test("appending the same records again stores nothing twice", async () => {
  const opened = await open();
  const records = createRecords(10, createUidSource());
  await opened.append(records);
  await opened.append(records);
  assert.equal((await readAll(opened)).length, 10);
  assert.equal(await opened.countAfter(""), 10);
});

test("reading filters by event, container, time and limit", async () => {
  const opened = await open();
  const nextUid = createUidSource(undefined, () => 1_780_000_000_200);
  const other = resourceFromAttributes({ "container.id": "b".repeat(64) });
  const records = [
    createSampleRecord(nextUid(), { eventName: "kerntel.oom" }),
    createSampleRecord(nextUid(), { resource: other }),
    createSampleRecord(nextUid(), { hrTime: [1_780_000_001, 0] }),
  ];
  await opened.append(records);
  const cases: readonly (readonly [ReadOptions, readonly number[]])[] = [
    [{}, [0, 1, 2]],
    [{ eventName: "kerntel.oom" }, [0]],
    [{ containerId: SAMPLE_CONTAINER_ID }, [0, 2]],
    [{ containerId: SAMPLE_CONTAINER_ID.slice(0, 12) }, [0, 2]],
    [{ containerId: "c".repeat(12) }, []],
    [{ sinceMs: 1_780_000_000_500 }, [2]],
    [{ sinceMs: 1_780_000_009_000 }, []],
    [{ limit: 2 }, [0, 1]],
    [{ limit: 1, containerId: "b".repeat(12), batchSize: 1 }, [1]],
    [{ after: readUid(records[0]!) ?? "" }, [1, 2]],
  ];
  for (const [options, expected] of cases) {
    const found = (await readAll(opened, options)).map(readUid);
    assert.deepEqual(
      found,
      expected.map((index) => readUid(records[index]!)),
      JSON.stringify(options),
    );
  }
});

test("what cannot be a container id is refused with its code", async () => {
  const opened = await open();
  await assert.rejects(readAll(opened, { containerId: "a/b" }), { code: "LOCAL_LOG_OPTIONS_INVALID" });
});

test("cursors, records and the newest uid survive closing", async () => {
  const first = await open();
  const records = createRecords(3, createUidSource());
  const second = readUid(records[1]!) ?? "";
  await first.append(records);
  await Promise.all([first.saveCursor("a", ""), first.saveCursor("b", ""), first.saveCursor("a", second)]);
  await first.close();
  const again = await open();
  assert.equal(again.loadCursor("a"), second);
  assert.equal(again.loadCursor("b"), "");
  assert.equal(again.loadCursor("c"), undefined);
  assert.equal(again.newestUid(), readUid(records[2]!));
  assert.equal(await again.countAfter(second), 1);
});

test("retention destroys the oldest segments and says how many each follower had not read", async () => {
  const nextUid = createUidSource();
  const opened = await open({ segmentBytes: 1, maxTotalBytes: 300_000 });
  const expiries: Expiry[] = [];
  opened.onExpired((expiry) => expiries.push(expiry));
  const records = createRecords(1000, nextUid);
  await opened.saveCursor("none", "");
  await opened.saveCursor("half", readUid(records[499]!) ?? "");
  await opened.saveCursor("all", readUid(records[999]!) ?? "");
  await opened.append(records);
  for (let round = 0; expiries.length === 0 && round < 20; round += 1) {
    await opened.append(createRecords(1000, nextUid));
  }
  const [expiry] = expiries;
  assert.ok(expiry);
  assert.equal(expiry.records, 1000);
  assert.deepEqual(Object.fromEntries(expiry.unread), { none: 1000, half: 500, all: 0 });
  assert.equal(expiry.from, readUid(records[0]!));
  await opened.close();
  const left = await readAll(await open());
  assert.equal(readUid(left[0]!), expiries.at(-1)?.before);
  assert.equal(opened.counts().expired % 1000, 0);
});

test("a count beside retention and what retention tells add up, and nothing destroyed comes back", async () => {
  const nextUid = createUidSource();
  const opened = await open({ segmentBytes: 1, maxTotalBytes: 300_000 });
  await opened.saveCursor("none", "");
  let told = 0;
  opened.onExpired(({ unread }) => (told += unread.get("none") ?? 0));
  let stored = 0;
  for (let round = 0; round < 12; round += 1) {
    await opened.append(createRecords(1000, nextUid));
    stored += 1000;
    // Retention has just begun, if this was too much.
    assert.equal((await opened.countAfter("")) + told, stored);
  }
  assert.ok(told > 0);
  const left = stored - told;
  await opened.close();
  assert.equal(await (await open({ maxTotalBytes: 2 ** 30 })).countAfter(""), left);
});

test("a new segment is begun after a time that has passed, whatever the wall clock says", async () => {
  let passedMs = 0;
  const wallMs = 1_780_000_000_000;
  const clocks = (): ClockReadings => ({ bootId: "one", bootMs: passedMs, wallMs });
  const nextUid = createUidSource(undefined, () => wallMs);
  const opened = await open({ clocks, segmentAgeMs: 1000 });
  for (let record = 0; record < 4; record += 1) {
    await opened.append(createRecords(1, nextUid));
    passedMs += 600;
  }
  await opened.close();
  assert.equal((await readdir(path.join(directory, "segments"))).length, 2);
  const again = await open({ clocks });
  assert.equal((await readAll(again)).length, 4);
});

test("a second opener is refused and told the directory", async () => {
  await open();
  await assert.rejects(openLocalLog({ directory }), {
    code: "LOCAL_LOG_LOCKED",
    message: new RegExp(directory),
  });
});

test("a directory that is none is refused", async () => {
  const file = path.join(directory, "file");
  await writeFile(file, "");
  await assert.rejects(openLocalLog({ directory: file }), { code: "LOCAL_LOG_NOT_A_DIRECTORY" });
  await assert.rejects(openLocalLog({ directory: path.join(file, "x") }), {
    code: "LOCAL_LOG_NOT_A_DIRECTORY",
  });
});

test("a place where no directory can be made is refused", async () => {
  await assert.rejects(openLocalLog({ directory: "/proc/kerntel/log" }), {
    code: "LOCAL_LOG_NOT_WRITABLE",
    message: /\/proc\/kerntel\/log/,
  });
});

test("limits that make no sense are refused", async () => {
  await assert.rejects(openLocalLog({ directory, maxTotalBytes: 0 }), { code: "LOCAL_LOG_OPTIONS_INVALID" });
});

test("a half-made segment is removed, a damaged one put aside, and both do not stop the start", async () => {
  const first = await open();
  const nextUid = createUidSource();
  const records = createRecords(5, nextUid);
  await first.append(records);
  await first.close();
  await mkdir(path.join(directory, "segments", nextUid()));
  const damaged = path.join(directory, "segments", nextUid());
  await mkdir(damaged);
  await writeFile(path.join(damaged, "CURRENT"), "MANIFEST-000009\n");
  const again = await open();
  assert.equal((await readAll(again)).length, 5);
  // Nobody knows what the damaged one held; new records come after it.
  assert.equal(again.newestUid(), path.basename(damaged));
  assert.equal(again.counts().quarantinedSegments, 1);
});

test("closing twice is fine and everything after it is refused with its code", async () => {
  const opened = await open();
  await opened.close();
  await opened.close();
  await assert.rejects(opened.append(createRecords(1, createUidSource())), { code: "LOCAL_LOG_CLOSED" });
});
