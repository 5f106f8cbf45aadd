/** Verdicts that only the kernel's log tells: once each, and with what else is known of the CPU. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeLockup } from "./describe.ts";
import { LoggedLockups } from "./logged-lockups.ts";
import { softlockupRecordLayout } from "./record.generated.ts";
import type { SoftlockupRecord } from "./record.generated.ts";

function readSample(name: string): SoftlockupRecord {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  return softlockupRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

const warning = readSample("sample-warning.base64");
const recovery = { ...readSample("sample-recovery.base64"), verdicts: 0, cpu: warning.cpu, tid: warning.tid };

function line(
  seconds: number,
  { cpu = warning.cpu, tid = warning.tid, facility = 0 } = {},
): {
  readonly facility: number;
  readonly text: string;
  readonly level: number;
  readonly sequence: number;
  readonly timeUs: number;
} {
  const text = `watchdog: BUG: soft lockup - CPU#${cpu} stuck for ${seconds}s! [a:b:${tid}]`;
  return { facility, text, level: 0, sequence: 1, timeUs: 1 };
}

/** Fails for what is no first verdict. */
function describe(judged: ReturnType<LoggedLockups["judge"]>): ReturnType<typeof describeLockup> {
  assert.ok(judged !== undefined && judged !== "repeat");
  return describeLockup(judged, { stack: (addresses) => addresses.join("\n") });
}

test("a verdict is about the task that the warning of its CPU knew, in the kernel's words", () => {
  const lockups = new LoggedLockups();
  assert.equal(lockups.complete(warning), warning);
  const { subject, attributes, time, severity, body } = describe(lockups.judge(line(22), 99));
  assert.deepEqual(subject, { kind: "cgroup", id: warning.cgroupId, path: warning.cgroup });
  assert.deepEqual([time, severity], [99, 17]);
  assert.equal(attributes["process.pid"], warning.pid);
  assert.equal(attributes["kerntel.duration"], 22);
  assert.equal(attributes["kerntel.softlockup.verdicts"], 1);
  assert.equal(attributes["kerntel.softlockup.message"], line(22).text);
  assert.equal(attributes["code.stacktrace"], undefined);
  assert.match(body, /^Soft lockup: CPU \d+ stuck for 22\.0 s in /);
});

test("without a warning the kernel's words are all that is known", () => {
  const { subject, attributes } = describe(new LoggedLockups().judge(line(22, { cpu: 0 }), 99));
  assert.deepEqual(subject, { kind: "host" });
  assert.equal(attributes["cpu.logical_number"], 0);
  assert.equal(attributes["thread.id"], warning.tid);
  assert.equal(attributes["thread.name"], "a:b");
  assert.equal(attributes["process.pid"], undefined);
});

test("what the kernel repeats is counted and told by the recovery", () => {
  const lockups = new LoggedLockups();
  lockups.complete(warning);
  assert.notEqual(lockups.judge(line(22), 1), "repeat");
  assert.equal(lockups.judge(line(48), 2), "repeat");
  assert.equal(lockups.judge(line(74), 3), "repeat");
  assert.equal(lockups.complete(recovery).verdicts, 3);
  assert.equal(lockups.verdicts, 3);
});

test("after its end, on another CPU, or of another task it is another lockup", () => {
  const lockups = new LoggedLockups();
  assert.notEqual(lockups.judge(line(22), 1), "repeat");
  lockups.complete(recovery);
  assert.notEqual(lockups.judge(line(48), 2), "repeat");
  assert.notEqual(lockups.judge(line(74, { cpu: warning.cpu + 1 }), 3), "repeat");
  assert.notEqual(lockups.judge(line(74, { tid: 1 }), 4), "repeat");
  assert.notEqual(lockups.judge(line(22, { tid: 1 }), 5), "repeat");
  assert.equal(lockups.complete(recovery).verdicts, 1);
});

test("what a process wrote to the log, and what is something else, is no verdict", () => {
  const lockups = new LoggedLockups();
  assert.equal(lockups.judge(line(22, { facility: 1 }), 1), undefined);
  assert.equal(lockups.judge({ ...line(22), text: "watchdog: BUG: soft lockup" }, 1), undefined);
  assert.equal(lockups.judge({ ...line(22), text: `said: ${line(22).text}` }, 1), undefined);
  assert.equal(lockups.verdicts, 0);
});
