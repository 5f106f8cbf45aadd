/** A record of a real kill goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeOom } from "./describe.ts";
import { createOom } from "./event.ts";
import { oomRecordLayout } from "./record.generated.ts";
import type { OomRecord } from "./record.generated.ts";

const sample = readSample();

/** As the kernel wrote it when `tail /dev/zero` met a limit of 16 MiB. */
function readSample(): OomRecord {
  const text = readFileSync(new URL("sample.base64", import.meta.url), "utf8");
  const bytes = Buffer.from(text, "base64");
  assert.equal(bytes.length, oomRecordLayout.sizeBytes);
  return oomRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

const kill =
  "mark_oom_victim+0xba\n__oom_kill_process+0x150\nout_of_memory+0x214\nmem_cgroup_out_of_memory+0xc0";

function describe(record: OomRecord, stack = kill): ReturnType<typeof describeOom> {
  return describeOom(record, stack, { pageSizeBytes: 4096, creationTime: (bootNs) => `boot+${bootNs}` });
}

test("a recorded kill becomes a log record about the victim's cgroup", () => {
  const record = describe(sample);
  const { attributes } = record;
  assert.equal(record.time, sample.time);
  assert.deepEqual(record.subject, { kind: "cgroup", id: sample.victimCgroupId, path: sample.victimCgroup });
  assert.match(sample.victimCgroup, /^\/kerntel-test-\d+\/[0-9a-f]{64}$/);
  assert.equal(attributes["thread.name"], "tail");
  assert.equal(attributes["process.creation.time"], `boot+${sample.victimStartTime}`);
  assert.equal(attributes["kerntel.memory_cgroup.limit"], 16 * 1024 * 1024);
  assert.equal(attributes["kerntel.memory_cgroup.path"], sample.victimCgroup);
  assert.equal(attributes["kerntel.memory_cgroup.source"], "derived");
  assert.equal(attributes["kerntel.oom.victim.memory.anonymous"], sample.anonymousPages * 4096);
  assert.ok(sample.anonymousPages > 3_000 && sample.anonymousPages <= 4_096);
  assert.equal(attributes["kerntel.trigger.thread.name"], "tail");
  assert.match(
    record.body,
    /^Out of memory: killed tail \(\d+\) holding 1\d\.\d MiB, cgroup at 1\d\.\d MiB of 16\.0 MiB$/,
  );
});

const stacks: readonly [
  what: string,
  stack: string,
  action: string | undefined,
  constraint: string | undefined,
][] = [
  ["a kill at a memory cgroup's limit", kill, "kill", "memcg"],
  [
    "a kill of the whole machine",
    "__oom_kill_process+0x1\nout_of_memory+0x2\n__alloc_pages+0x3",
    "kill",
    undefined,
  ],
  ["a dying task that gets reserves", "mark_oom_victim+0x1\nout_of_memory+0x2", "reserves", undefined],
  ["no stack", "", undefined, undefined],
];

for (const [what, stack, action, constraint] of stacks) {
  test(`the stack tells ${what}, and nothing is guessed`, () => {
    const { attributes } = describe(sample, stack);
    assert.equal(attributes["kerntel.oom.action"], action);
    assert.equal(attributes["kerntel.oom.constraint"], constraint);
  });
}

test("what out_of_memory was called with is stronger than the stack", () => {
  assert.equal(describe({ ...sample, constraint: 1 }).attributes["kerntel.oom.constraint"], "cpuset");
});

test("somebody else who asked for the memory is named", () => {
  const { body } = describe({ ...sample, triggerPid: 7, triggerComm: "java" });
  assert.match(body, /, asked for by java \(7\)$/);
});

test("without a limit anywhere no limit is reported", () => {
  const { attributes, body } = describe({ ...sample, limitSource: 0 });
  assert.equal(attributes["kerntel.memory_cgroup.limit"], undefined);
  assert.match(body, /holding \d+\.\d MiB$/);
});

for (const [source, name] of [
  [1, "kernel"],
  [2, "derived"],
  [3, "derived_partially"],
] as const) {
  test(`a limit above the victim's own cgroup is reported with its path, and as ${name}`, () => {
    const { attributes, body } = describe({ ...sample, limitCgroup: "/pod", limitSource: source });
    assert.equal(attributes["kerntel.memory_cgroup.source"], name);
    assert.equal(attributes["kerntel.memory_cgroup.path"], "/pod");
    assert.match(body, /, cgroup \/pod at 1\d\.\d MiB of 16\.0 MiB$/);
  });
}

const machine = "mark_oom_victim+0x1\n__oom_kill_process+0x1\nout_of_memory+0x2\n__alloc_pages+0x3";

test("a shortage of the machine names no limit that was only derived, and one without symbols does", () => {
  assert.equal(describe(sample, machine).attributes["kerntel.memory_cgroup.limit"], undefined);
  assert.equal(describe(sample, "0xffffffff81").attributes["kerntel.memory_cgroup.limit"], 16 * 1024 * 1024);
  const known = describe({ ...sample, limitSource: 1 }, "");
  assert.equal(known.attributes["kerntel.memory_cgroup.limit"], 16 * 1024 * 1024);
});

test("the first record of a shortage says how many it stands for, and is of the moment of its victim", () => {
  const { time, attributes, body } = describe({ ...sample, count: 3 });
  assert.equal(time, sample.time);
  assert.equal(attributes["kerntel.oom.shortage.state"], "begun");
  assert.equal(attributes["kerntel.oom.shortage.id"], String(sample.shortage));
  assert.equal(attributes["kerntel.count"], 3);
  assert.equal(attributes["kerntel.duration"], undefined);
  assert.match(body, /^Out of memory: killed 3 processes, the largest tail \(\d+\) holding /);
});

test("the last record of a shortage says how many came later, and for how long, and is of its last victim", () => {
  const lastTime = Number(sample.shortage) + 12_340_000_000;
  const { time, attributes, body } = describe({ ...sample, isEnd: 1, count: 40, lastTime });
  assert.equal(time, lastTime);
  assert.equal(attributes["kerntel.oom.shortage.state"], "ended");
  assert.equal(attributes["kerntel.oom.shortage.id"], String(sample.shortage));
  assert.equal(attributes["kerntel.count"], 40);
  assert.equal(attributes["kerntel.duration"], 12.34);
  assert.match(
    body,
    /^Out of memory: killed 40 more within 12\.3 s, the largest of all tail \(\d+\) holding /,
  );
});

test("before the first run there are no kills, and the metric is there", () => {
  const metrics = createOom().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    [["kerntel.oom.kills", [0]]],
  );
});
