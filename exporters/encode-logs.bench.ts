/** How fast log records become OTLP, beside OpenTelemetry's own serializer in the same run. */
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import { encodeLogs } from "./encode-logs.ts";
import { createSampleRecord } from "./sample-record.ts";

const RECORDS = 500;
const ROUNDS = 7;
const REPETITIONS = 200;
const records = Array.from({ length: RECORDS }, (_, index) => createSampleRecord(String(index)));

function measureNs(encode: () => unknown): number {
  const start = performance.now();
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) encode();
  return ((performance.now() - start) * 1e6) / REPETITIONS / RECORDS;
}

const ratios: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const theirs = measureNs(() => ProtobufLogsSerializer.serializeRequest(records));
  const ours = measureNs(() => encodeLogs(records));
  ratios.push(theirs / ours);
  process.stdout.write(
    `${ours.toFixed(0)} ns a record, OpenTelemetry's serializer ${theirs.toFixed(0)} ns\n`,
  );
}
const median = ratios.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0;
process.stdout.write(`median ratio of OpenTelemetry's time to ours: ${median.toFixed(1)}\n`);
