/** A record of a real gap goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeGap } from "./describe.ts";
import { createSchedTick } from "./event.ts";
import { schedTickRecordLayout } from "./record.generated.ts";
import type { SchedTickRecord } from "./record.generated.ts";

/** As the kernel wrote it when a clock event's program looped for 150 ms. */
const sample = readSample();

function readSample(): SchedTickRecord {
  const bytes = Buffer.from(readFileSync(new URL("sample.base64", import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, schedTickRecordLayout.sizeBytes);
  return schedTickRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

function describe(record: SchedTickRecord, stack = "a+0x1\nb+0x2"): ReturnType<typeof describeGap> {
  return describeGap(record, { stack: () => stack });
}

test("a recorded gap becomes a log record about the task's cgroup", () => {
  const { time, subject, severity, attributes, body } = describe(sample);
  assert.equal(time, sample.time);
  assert.equal(severity, 13);
  assert.deepEqual(subject, { kind: "cgroup", id: sample.cgroupId, path: sample.cgroup });
  assert.ok(sample.gap >= 150e6 && sample.gap < 170e6);
  assert.ok(sample.cgroupId > 0n && sample.cgroup.startsWith("/"));
  assert.deepEqual(attributes, {
    "kerntel.duration": sample.gap / 1e9,
    "kerntel.threshold": 0.1,
    "kerntel.sched_tick.steal": sample.steal / 1e9,
    "kerntel.sched_tick.cause": "other",
    "kerntel.cgroup.id": String(sample.cgroupId),
    "kerntel.cgroup.path": sample.cgroup,
    "cpu.logical_number": sample.cpu,
    "process.pid": sample.pid,
    "thread.id": sample.tid,
    "thread.name": sample.comm,
    "code.stacktrace": "a+0x1\nb+0x2",
  });
  assert.match(body, /^No timer tick for 15\d\.\d ms on CPU \d.*, in node\S+ \(\d+\)$/);
});

test("a gap that the hypervisor explains is about the host, and less severe", () => {
  const { subject, severity, attributes, body } = describe({ ...sample, gap: 20e6, steal: 10e6 });
  assert.deepEqual(subject, { kind: "host" });
  assert.equal(severity, 9);
  assert.equal(attributes["kerntel.sched_tick.cause"], "steal");
  assert.match(body, /^No timer tick for 20\.0 ms on CPU \d, 10\.0 ms of them stolen, in/);
});

const shares: readonly [
  gap: number,
  stolen: Partial<SchedTickRecord>,
  cause: string,
  severity: number,
  subject: string,
][] = [
  [20_000_000, { steal: 20_000_000 }, "steal", 9, "host"],
  [20_000_000, { steal: 10_000_000 }, "steal", 9, "host"],
  [20_000_000, { steal: 9_999_999 }, "other", 13, "cgroup"],
  // The BPF program divides whole numbers, and its histogram and the record must name one cause.
  [20_000_001, { steal: 10_000_000 }, "steal", 9, "host"],
  [2_000_000_001, { pause: 1_000_000_000 }, "pause", 9, "host"],
  // Without steal time in the kernel the field means nothing.
  [20_000_000, { steal: 20_000_000, hasSteal: 0 }, "other", 13, "cgroup"],
];

for (const [gap, stolen, expectedCause, expectedSeverity, expectedSubject] of shares)
  test(`a gap of ${gap} ns with ${JSON.stringify(stolen)} has severity ${expectedSeverity}`, () => {
    const { subject, severity, attributes } = describe({ ...sample, steal: 0, pause: 0, gap, ...stolen });
    assert.deepEqual(
      [attributes["kerntel.sched_tick.cause"], severity, subject.kind],
      [expectedCause, expectedSeverity, expectedSubject],
    );
  });

test("a gap in which the whole machine stood still is about the host, and less severe", () => {
  const { subject, severity, attributes, body } = describe({ ...sample, gap: 21e9, pause: 20.5e9, steal: 0 });
  assert.deepEqual(subject, { kind: "host" });
  assert.equal(severity, 9);
  assert.equal(attributes["kerntel.sched_tick.cause"], "pause");
  assert.equal(attributes["kerntel.machine.pause.duration"], 20.5);
  assert.match(
    body,
    /^No timer tick for 21000\.0 ms on CPU \d, the machine stood still for 20500\.0 ms of them, in/,
  );
});

test("a kernel without steal time says nothing of it", () => {
  const { attributes } = describe({ ...sample, hasSteal: 0, steal: 0 }, "");
  assert.equal("kerntel.sched_tick.steal" in attributes, false);
  assert.equal("code.stacktrace" in attributes, false);
  assert.equal(attributes["kerntel.sched_tick.cause"], "other");
});

test("before the first run the histogram is there without points", () => {
  const metrics = createSchedTick().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.sched_tick.gap.duration", 0]],
  );
});
