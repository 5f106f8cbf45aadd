/** A record of a task that really hung goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeHungTask } from "./describe.ts";
import { createHungtask } from "./event.ts";
import { hungtaskRecordLayout } from "./record.generated.ts";
import type { HungtaskRecord } from "./record.generated.ts";

const sample = readSample();

/** As the kernel wrote it when a second process wrote to a file that two have open, on a frozen file system. */
function readSample(): HungtaskRecord {
  const text = readFileSync(new URL("sample.base64", import.meta.url), "utf8");
  const bytes = Buffer.from(text, "base64");
  assert.equal(bytes.length, hungtaskRecordLayout.sizeBytes);
  return hungtaskRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

const waiting = "__mutex_lock+0x2\nfdget_pos+0x82\nksys_write+0x28";

function describe(record: HungtaskRecord, stack = waiting): ReturnType<typeof describeHungTask> {
  const words = { bpf: { stack: () => stack } as never, creationTime: (bootNs: number) => `boot+${bootNs}` };
  return describeHungTask(record, words);
}

test("a recorded hang becomes a log record about the task, where it waits and for whom", () => {
  const record = describe(sample);
  assert.equal(record.time, sample.time);
  assert.deepEqual(record.subject, { kind: "cgroup", id: sample.cgroupId, path: sample.cgroup });
  assert.match(sample.cgroup, /^\/kerntel-test-\d+\/[0-9a-f]{64}$/);
  assert.ok(sample.blocked > 1e9 && sample.blocked < 10e9 && sample.startTime < sample.time);
  assert.ok(sample.pid > 1 && sample.tid === sample.pid && sample.holderTid > 1);
  assert.deepEqual(record.attributes, {
    "error.type": "hung_task",
    "process.pid": sample.pid,
    "process.creation.time": `boot+${sample.startTime}`,
    "thread.id": sample.tid,
    "thread.name": "dd",
    "cpu.logical_number": sample.cpu,
    "code.stacktrace": waiting,
    "kerntel.hungtask.detector": "scan",
    "kerntel.duration": sample.blocked / 1e9,
    "kerntel.count": 1,
    "kerntel.hungtask.wait_channel": "fdget_pos",
    "kerntel.cgroup.id": String(sample.cgroupId),
    "kerntel.cgroup.path": sample.cgroup,
    "kerntel.hungtask.lock": "mutex",
    "kerntel.holder.process.pid": sample.holderPid,
    "kerntel.holder.thread.id": sample.holderTid,
    "kerntel.holder.thread.name": "dd",
    "kerntel.holder.cgroup.id": String(sample.cgroupId),
    "kerntel.holder.cgroup.path": sample.cgroup,
  });
  assert.match(
    record.body,
    /^Task dd \(\d+\) blocked for \d\.\d s in fdget_pos, waits for a mutex held by dd \(\d+\)$/,
  );
});

const locks: readonly [what: string, record: Partial<HungtaskRecord>, lock: unknown, end: RegExp][] = [
  ["a lock that the kernel does not note", { lock: 0, holderPid: 0 }, undefined, /in fdget_pos$/],
  ["a mutex that was given back meanwhile", { holderPid: 0 }, "mutex", /, waits for a mutex$/],
  ["a semaphore, of which only the last taker is known", { lock: 2 }, "semaphore", /last taken by dd \(/],
  ["a read-write semaphore to read", { lock: 3 }, "rwsem_read", /, waits for a read-write semaphore held by/],
  ["a read-write semaphore to write", { lock: 4 }, "rwsem_write", /, waits for a read-write semaphore held/],
  ["a kind of lock that is newer than this", { lock: 9 }, undefined, /in fdget_pos$/],
];

for (const [what, changed, lock, end] of locks) {
  test(`the holder is told for ${what}, as far as it is known`, () => {
    const { attributes, body } = describe({ ...sample, ...changed });
    assert.equal(attributes["kerntel.hungtask.lock"], lock);
    const isHeld = lock !== undefined && changed.holderPid !== 0;
    assert.equal(attributes["kerntel.holder.process.pid"], isHeld ? sample.holderPid : undefined);
    assert.match(body, end);
  });
}

test("tasks that were folded are told with their number", () => {
  const { attributes, body } = describe({ ...sample, count: 24, isRepeat: 1, detector: 1 });
  assert.equal(attributes["kerntel.count"], 24);
  assert.equal(attributes["kerntel.hungtask.detector"], "kernel");
  assert.match(body, /^24 more blocked in fdget_pos like one before, the last dd \(\d+\) for \d\.\d s$/);
});

test("without a stack there is no wait channel", () => {
  const { attributes, body } = describe(sample, "");
  assert.equal(attributes["code.stacktrace"], undefined);
  assert.equal(attributes["kerntel.hungtask.wait_channel"], undefined);
  assert.match(body, /^Task dd \(\d+\) blocked for \d\.\d s, waits/);
});

test("before the first run nothing was found, and the counter is there for both detectors", () => {
  const metrics = createHungtask().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ attributes, value }) => [attributes["kerntel.hungtask.detector"], value]),
    ]),
    [
      [
        "kerntel.hungtask.tasks",
        [
          ["scan", 0],
          ["kernel", 0],
        ],
      ],
      ["kerntel.hungtask.blocked", []],
    ],
  );
});
