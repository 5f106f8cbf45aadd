/** Records of a real lockup go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeLockup } from "./describe.ts";
import { createSoftlockup } from "./event.ts";
import { softlockupRecordLayout } from "./record.generated.ts";
import type { SoftlockupRecord } from "./record.generated.ts";
import { parseVerdict } from "./verdict.ts";

/** As the kernel wrote them when a timer's callback looped for 3.6 s. */
const warning = readSample("warning");
const verdict = readSample("verdict");
const recovery = readSample("recovery");

function readSample(kind: string): SoftlockupRecord {
  const text = readFileSync(new URL(`sample-${kind}.base64`, import.meta.url), "utf8");
  const bytes = Buffer.from(text, "base64");
  assert.equal(bytes.length, softlockupRecordLayout.sizeBytes);
  return softlockupRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

function describe(record: SoftlockupRecord, stack = "a+0x1\nb+0x2"): ReturnType<typeof describeLockup> {
  return describeLockup(record, { stack: () => stack });
}

test("a recorded warning becomes a log record about the cgroup of the task that is stuck", () => {
  const { time, subject, severity, attributes, body } = describe(warning);
  assert.equal(time, warning.time);
  assert.equal(severity, 13);
  assert.deepEqual(subject, { kind: "cgroup", id: warning.cgroupId, path: warning.cgroup });
  assert.ok(warning.elapsed >= 1e9 && warning.elapsed < 1.1e9);
  assert.deepEqual(attributes, {
    "error.type": "soft_lockup",
    "kerntel.softlockup.kind": "warning",
    "kerntel.duration": warning.elapsed / 1e9,
    "kerntel.threshold": 1,
    "kerntel.softlockup.verdicts": 0,
    "kerntel.cgroup.id": String(warning.cgroupId),
    "kerntel.cgroup.path": warning.cgroup,
    "cpu.logical_number": warning.cpu,
    "process.pid": warning.pid,
    "thread.id": warning.tid,
    "thread.name": "node-MainThread",
    "code.stacktrace": "a+0x1\nb+0x2",
  });
  assert.match(body, /^CPU \d stuck for 1\.0 s in node-MainThread \(\d+\), early warning$/);
});

test("a recorded verdict has the kernel's own words", () => {
  const { severity, attributes, body } = describe(verdict);
  assert.equal(severity, 17);
  assert.equal(attributes["kerntel.softlockup.verdicts"], 1);
  assert.equal(attributes["kerntel.threshold"], undefined);
  assert.match(
    String(attributes["kerntel.softlockup.message"]),
    /^watchdog: BUG: soft lockup - CPU#\d stuck for \ds! \[node-MainThread:\d+\]$/,
  );
  assert.match(body, /^Soft lockup: CPU \d stuck for \d\.\d s in node-MainThread \(\d+\)$/);
});

test("a recorded end says how long it was in all", () => {
  const { severity, body } = describe(recovery);
  assert.equal(severity, 9);
  assert.match(
    body,
    /^CPU \d no longer stuck, after 3\.6 s in node-MainThread \(\d+\), verdicts of the kernel: 1$/,
  );
  assert.doesNotMatch(describe({ ...recovery, verdicts: 0 }).body, /verdicts/);
});

test("a line that another CPU says is about the CPU and task in it, and about no container", () => {
  const message = "watchdog: BUG: soft lockup - CPU#7 stuck for 22s! [a:b c:4711]";
  const { subject, attributes } = describe({ ...verdict, cpu: 0, message });
  assert.deepEqual(subject, { kind: "host" });
  assert.equal(attributes["cpu.logical_number"], 7);
  assert.equal(attributes["thread.id"], 4711);
  assert.equal(attributes["thread.name"], "a:b c");
  assert.equal(attributes["kerntel.duration"], 22);
  assert.equal(attributes["code.stacktrace"], undefined);
  assert.equal(attributes["process.pid"], undefined);
});

test("the kernel's seconds stand where there is no measure of our own", () => {
  const { attributes } = describe({ ...verdict, isMeasured: 0 }, "");
  const seconds = /for (\d+)s/.exec(verdict.message)?.[1];
  assert.equal(attributes["kerntel.duration"], Number(seconds));
});

test("a lockup that was a pause of the machine is about the host, by one clock in verdict and recovery", () => {
  const paused = { elapsed: 4e6, pause: 21.2e9 };
  const message = "watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [node-MainThread:4711]";
  const lines = [
    describe({ ...verdict, ...paused, cpu: 1, tid: 4711, message }),
    describe({ ...recovery, ...paused }),
  ];
  for (const { subject, attributes, body } of lines) {
    assert.deepEqual(subject, { kind: "host" });
    assert.equal(attributes["kerntel.duration"], 0.004);
    assert.equal(attributes["kerntel.machine.pause.duration"], 21.2);
    assert.match(body, / 0\.0 s in node-MainThread \(\d+\), while the machine stood still for 21\.2 s/);
  }
  assert.deepEqual(
    lines.map(({ severity }) => severity),
    [13, 9],
  );
});

test("a pause that is short beside the lockup leaves it with its task", () => {
  const { subject, severity, attributes } = describe({ ...verdict, elapsed: 22e9, pause: 1.5e9 });
  assert.equal(subject.kind, "cgroup");
  assert.equal(severity, 17);
  assert.equal(attributes["kerntel.machine.pause.duration"], 1.5);
});

for (const message of [
  "",
  "watchdog: BUG: soft lockup",
  "CPU#x stuck for 1s! [a:1]",
  "CPU#1 stuck for 1s! [a]",
]) {
  test(`"${message}" is no verdict that could be read`, () => {
    assert.equal(parseVerdict(message), undefined);
  });
}

test("before the first run there are no reports, and the metric is there", () => {
  const metrics = createSoftlockup().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    [["kerntel.softlockup.reports", [0, 0, 0]]],
  );
});
