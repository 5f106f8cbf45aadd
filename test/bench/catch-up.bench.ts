/**
 * A destination comes back after an hour at 100 records a second: how fast the log catches up with it, beside what
 * reading that many documents from PouchDB costs by itself, and how fast they were written, beside PouchDB's own
 * `bulkDocs`. Each round does all of it; only ratios within a round say something on a shared machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { LogWriter } from "#exporters/local-log/log-writer.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { measurePouch } from "./pouch-alone.ts";
import { startSink } from "./request-sink.ts";

const RECORDS = Number(process.argv[2] ?? 360_000);
const ROUNDS = Number(process.argv[3] ?? 1);
const BATCH = 512;
const PORTION = 10_000;

const nextUid = createUidSource();

function createPortion(): ReadableLogRecord[] {
  return Array.from({ length: PORTION }, () => createSampleRecord(nextUid()));
}

/** Records per second: stored, and sent once the destination is there. */
async function measureKerntel(directory: string): Promise<{ written: number; caughtUp: number }> {
  const log = await openLocalLog({ directory: join(directory, "log") });
  const writer = new LogWriter(log, { maxBufferedRecords: PORTION + 1 });
  let writingMs = 0;
  for (let done = 0; done < RECORDS; done += PORTION) {
    const records = createPortion();
    const start = performance.now();
    for (const record of records) writer.offer(record);
    if (!(await writer.flush(600_000))) throw new Error("the log did not take the records");
    writingMs += performance.now() - start;
  }
  const sink = await startSink();
  sink.open();
  const start = performance.now();
  const destination = createOtlpHttpLogDestination({ endpoint: `${sink.url}/v1/logs` });
  const delivery = startDelivery(log, destination, { batchRecords: BATCH });
  while (delivery.counts().exported < RECORDS) await sleep(1);
  const catchingUpMs = performance.now() - start;
  await delivery.close(0);
  await writer.close(0);
  await log.close();
  await sink.close();
  return { written: (RECORDS / writingMs) * 1000, caughtUp: (RECORDS / catchingUpMs) * 1000 };
}

function show(perSecond: number): string {
  return Math.round(perSecond).toLocaleString("en");
}

for (let round = 0; round < ROUNDS; round++) {
  const directory = mkdtempSync(join(tmpdir(), "catch-up-bench-"));
  try {
    const pouch = await measurePouch(directory, { records: RECORDS, batch: BATCH, createPortion });
    const { written, caughtUp } = await measureKerntel(directory);
    process.stdout.write(
      `${RECORDS} records  written ${show(written)}/s, ${(written / pouch.written).toFixed(2)} of bulkDocs (${show(pouch.written)}/s)` +
        `  caught up ${show(caughtUp)}/s, ${(caughtUp / pouch.read).toFixed(2)} of reading alone (${show(pouch.read)}/s)\n`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
