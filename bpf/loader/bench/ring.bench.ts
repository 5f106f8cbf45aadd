/**
 * One million records from a BPF program through the ring into objects, beside the decoding alone of as many bytes in
 * the same run. Producing is not timed. Prints JSON with `--json`.
 */
import { openObject } from "../source/index.ts";
import { fixture, request } from "../test/fixture.ts";
import { readRecord, recordSizeBytes } from "./read-record.ts";

const recordCount = 1_000_000;
const chunkRecords = 20_000;
const ringBytes = 4 * 1024 * 1024;
const limitMs = 1000;

interface Spent {
  wallMs: number;
  /** Of the thread that reads and decodes. */
  threadCpuMs: number;
  /** Of all threads: waiting for the ring, collecting garbage, compiling. */
  processCpuMs: number;
}

const open = openObject(fixture("ring"), { programs: ["produce"] });
open.setMaxEntries("ring", ringBytes);
using object = open.load();
const producer = object.program("produce");

/** Bytes of one chunk, to be decoded without a ring. */
const flat = new Uint8Array(chunkRecords * recordSizeBytes);
let flatBytes = 0;
let checksum = 0;
let received = 0;
let onChunk: (() => void) | undefined;

using reader = object.ringReader("ring", { lostMap: "lost" }, (batch) => {
  const { view, offsets, count } = batch;
  for (let index = 0; index < count; index++) {
    const record = readRecord(view, offsets[index] ?? 0);
    checksum += record.number + record.stack.length;
  }
  if (flatBytes < flat.length) {
    flat.set(batch.bytes.subarray(0, count * recordSizeBytes), flatBytes);
    flatBytes += count * recordSizeBytes;
  }
  received += count;
  if (received % chunkRecords === 0) onChunk?.();
});

async function readChunk(first: number, spent: Spent): Promise<void> {
  producer.run({ context: request(first, chunkRecords) });
  await timed(spent, () => new Promise<void>((resolve) => (onChunk = resolve)));
}

function decodeChunk(): void {
  const view = new DataView(flat.buffer);
  for (let offset = 0; offset < flat.length; offset += recordSizeBytes) {
    const record = readRecord(view, offset);
    checksum += record.number + record.stack.length;
  }
}

async function timed(spent: Spent, work: () => void | Promise<void>): Promise<void> {
  const thread = process.threadCpuUsage();
  const whole = process.cpuUsage();
  const start = performance.now();
  await work();
  spent.wallMs += performance.now() - start;
  spent.threadCpuMs += sum(process.threadCpuUsage(thread));
  spent.processCpuMs += sum(process.cpuUsage(whole));
}

function sum({ user, system }: { user: number; system: number }): number {
  return (user + system) / 1000;
}

const none = (): Spent => ({ wallMs: 0, threadCpuMs: 0, processCpuMs: 0 });

// The compiler's warm-up belongs to neither side, and fills the flat copy.
for (let first = 0; first < 10 * chunkRecords; first += chunkRecords) {
  await readChunk(first, none());
  await timed(none(), decodeChunk);
}
received = 0;
checksum = 0;
const ring = none();
const raw = none();
for (let first = 0; first < recordCount; first += chunkRecords) {
  await readChunk(first, ring);
  await timed(raw, decodeChunk);
}

const result = {
  records: received,
  lost: reader.counts().lost,
  ring,
  raw,
  // Over all threads: how much of the garbage collection falls on which one is chance.
  ratio: ring.processCpuMs / raw.processCpuMs,
  recordsPerSecond: Math.round(received / (ring.processCpuMs / 1000)),
};
const isGood = received === recordCount && result.lost === 0 && ring.processCpuMs < limitMs;
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(result)}\n` : describe());
// Reading checksum keeps the decoding from being optimised away.
process.exitCode = isGood && checksum > 0 ? 0 : 1;

function describe(): string {
  return (
    `${received} records of ${recordSizeBytes} bytes, ${result.lost} lost\n` +
    describeSpent("ring, reader and decode", ring) +
    describeSpent("decode alone", raw) +
    `ratio ${result.ratio.toFixed(2)}, ${result.recordsPerSecond} records per second of CPU; ` +
    `limit ${limitMs} ms CPU: ${isGood ? "kept" : "NOT KEPT"}\n`
  );
}

function describeSpent(name: string, { wallMs, threadCpuMs, processCpuMs }: Spent): string {
  const [wall, thread, whole] = [wallMs, threadCpuMs, processCpuMs].map((ms) => ms.toFixed(0).padStart(5));
  return `${name.padEnd(24)} ${wall} ms wall ${thread} ms CPU of the thread ${whole} ms of all\n`;
}
