/**
 * The local log with a delivery beside the Collector with a `file_storage` queue, and beside PouchDB by itself, each round
 * all three: how fast records become durable in batches, how fast they go out while the receiver is there, and how fast
 * after it was gone. PouchDB is the ceiling of the durable path: everything goes through its `bulkDocs`.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import type { Delivery } from "#exporters/delivery/delivery.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { peerDirectory } from "../peers/peer-test.ts";
import { measurePouch } from "./pouch-alone.ts";
import { startQueueingCollector } from "./queueing-collector.ts";
import { startSink } from "./request-sink.ts";

const RECORDS = 30_000;
const BATCH = 500;
const ROUNDS = 3;

/** Records per second. */
interface Figures {
  readonly durable: number;
  readonly delivered: number;
  readonly caughtUp: number;
}

const nextUid = createUidSource();

function createBatches(): ReadableLogRecord[][] {
  return Array.from({ length: RECORDS / BATCH }, () =>
    Array.from({ length: BATCH }, () => createSampleRecord(nextUid())),
  );
}

async function waitFor(isDone: () => boolean): Promise<void> {
  while (!isDone()) await sleep(1);
}

function perSecond(startMs: number): number {
  return (RECORDS / (performance.now() - startMs)) * 1000;
}

async function measureKerntel(): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), "delivery-bench-"));
  const sink = await startSink();
  const log = await openLocalLog({ directory });
  const endpoint = `${sink.url}/v1/logs`;
  const ship = (name: string): Delivery =>
    startDelivery(log, createOtlpHttpLogDestination({ endpoint, name }), {
      batchRecords: BATCH,
      batchDelayMs: 0,
    });
  const batches = createBatches();
  sink.open();
  const first = ship("first");
  const start = performance.now();
  for (const batch of batches) {
    await log.append(batch);
    first.notify(batch);
  }
  const durable = perSecond(start);
  await waitFor(() => sink.count() >= batches.length);
  const delivered = perSecond(start);
  await first.close(0);

  const lateStart = performance.now();
  const late = ship("late");
  await waitFor(() => late.counts().exported >= RECORDS);
  const caughtUp = perSecond(lateStart);
  await late.close(0);
  await log.close();
  await sink.close();
  rmSync(directory, { recursive: true });
  return { durable, delivered, caughtUp };
}

/** Twice: with the receiver there, and with one that opens only when everything is in the queue. */
async function measureCollector(): Promise<Figures> {
  const { durable, drained: delivered } = await loadCollector(true);
  const { drained: caughtUp } = await loadCollector(false);
  return { durable, delivered, caughtUp };
}

async function loadCollector(isThere: boolean): Promise<{ durable: number; drained: number }> {
  const sink = await startSink();
  await using collector = await startQueueingCollector(sink.url);
  const client = createOtlpHttpLogDestination({ endpoint: collector.endpoint });
  const batches = createBatches();
  const { signal } = new AbortController();
  if (isThere) sink.open();
  let start = performance.now();
  for (const batch of batches) {
    const result = await client.send(batch, signal);
    if (result.kind !== "delivered") throw new Error(`the Collector answered ${result.kind}`);
  }
  const durable = perSecond(start);
  if (!isThere) {
    sink.open();
    // The wait until it tries again is not what is measured.
    await waitFor(() => sink.count() > 0);
    start = performance.now();
  }
  await waitFor(() => sink.count() >= batches.length);
  const drained = perSecond(start);
  await client.shutdown();
  await sink.close();
  return { durable, drained };
}

async function measurePouchAlone(): Promise<{ written: number; read: number }> {
  const directory = mkdtempSync(join(tmpdir(), "delivery-bench-"));
  try {
    return await measurePouch(directory, {
      records: RECORDS,
      batch: BATCH,
      createPortion: () => createBatches().flat(),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function show(name: string, figures: object): void {
  const columns = Object.entries(figures).map(([what, value]) => `${what} ${Math.round(Number(value))}/s`);
  process.stdout.write(`${name.padEnd(10)} ${columns.join("  ")}\n`);
}

if (!existsSync(peerDirectory("collector"))) {
  process.stdout.write("there is no Collector to measure with: test/peers/prepare.sh collector\n");
} else {
  const ratios = new Map<string, number[]>();
  const note = (what: string, ratio: number): void => {
    ratios.set(what, [...(ratios.get(what) ?? []), ratio]);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const pouch = await measurePouchAlone();
    const [ours, theirs] = [await measureKerntel(), await measureCollector()];
    show("pouchdb", pouch);
    show("kerntel", ours);
    show("collector", theirs);
    for (const what of ["durable", "delivered", "caughtUp"] as const)
      note(`${what}, to the Collector`, ours[what] / theirs[what]);
    note("durable, to bulkDocs", ours.durable / pouch.written);
    note("caughtUp, to reading with allDocs", ours.caughtUp / pouch.read);
  }
  for (const [what, values] of ratios) {
    const median = values.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
    process.stdout.write(`median ratio of ${what}: ${median.toFixed(2)}\n`);
  }
}
