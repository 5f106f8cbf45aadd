/** A record of a real long handler goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeSoftirq } from "./describe.ts";
import { createSoftirq } from "./event.ts";
import { softirqRecordLayout } from "./record.generated.ts";
import type { SoftirqRecord } from "./record.generated.ts";

/** As the kernel wrote it when a timer's callback looped for 120 ms. */
const sample = readSample();

function readSample(): SoftirqRecord {
  const bytes = Buffer.from(readFileSync(new URL("sample.base64", import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, softirqRecordLayout.sizeBytes);
  return softirqRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

function describe(record: SoftirqRecord, stack = "a+0x1\nb+0x2"): ReturnType<typeof describeSoftirq> {
  return describeSoftirq(record, { stack: () => stack });
}

test("a recorded handler becomes a log record about the host", () => {
  const { time, subject, attributes, body } = describe(sample);
  assert.equal(time, sample.time);
  assert.deepEqual(subject, { kind: "host" });
  assert.ok(sample.elapsed >= 120e6 && sample.elapsed < 130e6);
  assert.deepEqual(attributes, {
    "kerntel.softirq.vector": "HRTIMER",
    "kerntel.softirq.stage": "run",
    "kerntel.duration": sample.elapsed / 1e9,
    "kerntel.threshold": 0.05,
    "cpu.logical_number": sample.cpu,
    "process.pid": sample.pid,
    "thread.id": sample.pid,
    "thread.name": "node-MainThread",
    "code.stacktrace": "a+0x1\nb+0x2",
  });
  assert.match(body, /^Softirq HRTIMER ran 12\d\.\d ms on CPU \d, in node-MainThread \(\d+\)$/);
});

test("an idle CPU has no task to name in the sentence", () => {
  const { body } = describe({ ...sample, stage: 0, vector: 3, pid: 0, comm: "swapper/1", cpu: 1 });
  assert.match(body, /^Softirq NET_RX waited 12\d\.\d ms on CPU 1$/);
});

test("a vector without a name stays a number, and no stack is no attribute", () => {
  const { attributes } = describe({ ...sample, vector: 11 }, "");
  assert.equal(attributes["kerntel.softirq.vector"], "11");
  assert.equal("code.stacktrace" in attributes, false);
});

test("before the first run the histogram is there without points", () => {
  const metrics = createSoftirq().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.softirq.duration", 0]],
  );
});
