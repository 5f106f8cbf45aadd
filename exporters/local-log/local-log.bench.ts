/** Prints the speed of the log writer beside raw `bulkDocs` of the same documents in the same run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSampleRecord } from "../sample-record.ts";
import { openLocalLog } from "./local-log.ts";
import { LogWriter } from "./log-writer.ts";
import { PouchDB } from "./pouch-database.ts";
import { encodeRecord } from "./record-document.ts";
import { createUidSource } from "./uid.ts";

const RECORDS = 20_000;
const BATCH = 500;
const ROUNDS = 5;

const nextUid = createUidSource();

async function measureRaw(directory: string): Promise<number> {
  const records = Array.from({ length: RECORDS }, () => createSampleRecord(nextUid()));
  const documents = records.map((record) => encodeRecord(record, "1", "1"));
  const database = new PouchDB(path.join(directory, "raw"), { adapter: "leveldb" });
  await database.info();
  const start = performance.now();
  for (let index = 0; index < RECORDS; index += BATCH)
    await database.bulkDocs(documents.slice(index, index + BATCH));
  const perSecond = (RECORDS / (performance.now() - start)) * 1000;
  await database.close();
  return perSecond;
}

async function measureWriter(directory: string): Promise<{ write: number; read: number }> {
  const records = Array.from({ length: RECORDS }, () => createSampleRecord(nextUid()));
  const log = await openLocalLog({ directory: path.join(directory, "log") });
  const writer = new LogWriter(log, { maxBufferedRecords: RECORDS + 1 });
  const start = performance.now();
  for (const record of records) writer.offer(record);
  await writer.flush(600_000);
  const write = (RECORDS / (performance.now() - start)) * 1000;
  const readStart = performance.now();
  let found = 0;
  for await (const batch of log.read({})) found += batch.length;
  if (found !== RECORDS) throw new Error(`${found} of ${RECORDS} records were read back`);
  const read = (RECORDS / (performance.now() - readStart)) * 1000;
  await writer.close(1000);
  await log.close();
  return { write, read };
}

const ratios: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const directory = await mkdtemp(path.join(tmpdir(), "local-log-bench-"));
  const raw = await measureRaw(directory);
  const { write, read } = await measureWriter(directory);
  await rm(directory, { recursive: true, force: true });
  ratios.push(write / raw);
  const figures = [raw, write, read].map((perSecond) => Math.round(perSecond).toLocaleString("en"));
  const ratio = (write / raw).toFixed(2);
  process.stdout.write(`raw ${figures[0]}/s  writer ${figures[1]}/s  ratio ${ratio}  read ${figures[2]}/s\n`);
}
const median = ratios.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
process.stdout.write(`median ratio to raw bulkDocs of ${BATCH}: ${median.toFixed(2)}\n`);
