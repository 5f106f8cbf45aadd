/**
 * Prints the speed of the log writer beside raw `bulkDocs` of the same documents. Batches take turns, so that whatever
 * else the machine does slows both.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSampleRecord } from "../sample-record.ts";
import { openLocalLog } from "./local-log.ts";
import { LogWriter } from "./log-writer.ts";
import { PouchDB } from "./pouch-database.ts";
import { encodeRecord } from "./record-document.ts";
import { createUidSource } from "./uid.ts";

const RECORDS = 50_000;
const BATCH = 500;
const ROUNDS = 3;

const nextUid = createUidSource();

/** Records per second. */
interface Figures {
  readonly raw: number;
  readonly writer: number;
  readonly read: number;
}

async function measure(directory: string): Promise<Figures> {
  const database = new PouchDB(path.join(directory, "raw"), { adapter: "leveldb" });
  await database.info();
  const log = await openLocalLog({ directory: path.join(directory, "log") });
  const writer = new LogWriter(log, { batchRecords: BATCH });
  const spentMs = { raw: 0, writer: 0 };
  for (let done = 0; done < RECORDS; done += BATCH) {
    const records = Array.from({ length: BATCH }, () => createSampleRecord(nextUid()));
    const documents = records.map((record) => encodeRecord(record, "1", "1"));
    const start = performance.now();
    await database.bulkDocs(documents);
    const between = performance.now();
    for (const record of records) writer.offer(record);
    await writer.flush(600_000);
    spentMs.raw += between - start;
    spentMs.writer += performance.now() - between;
  }
  const readStart = performance.now();
  let found = 0;
  for await (const batch of log.read({})) found += batch.length;
  if (found !== RECORDS) throw new Error(`${found} of ${RECORDS} records were read back`);
  const readMs = performance.now() - readStart;
  await database.close();
  await writer.close(1000);
  await log.close();
  const perSecond = (milliseconds: number): number => (RECORDS / milliseconds) * 1000;
  return { raw: perSecond(spentMs.raw), writer: perSecond(spentMs.writer), read: perSecond(readMs) };
}

const ratios: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const directory = await mkdtemp(path.join(tmpdir(), "local-log-bench-"));
  const { raw, writer, read } = await measure(directory);
  await rm(directory, { recursive: true, force: true });
  ratios.push(writer / raw);
  const figures = [raw, writer, read].map((perSecond) => Math.round(perSecond).toLocaleString("en"));
  const ratio = (writer / raw).toFixed(2);
  process.stdout.write(`raw ${figures[0]}/s  writer ${figures[1]}/s  ratio ${ratio}  read ${figures[2]}/s\n`);
}
const median = ratios.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
process.stdout.write(`median ratio to raw bulkDocs of ${BATCH}: ${median.toFixed(2)}\n`);
