/** A record of a real wait for memory goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findCauseFunctions } from "./causes.ts";
import { describeStall } from "./describe.ts";
import { createMemreclaim } from "./event.ts";
import { memreclaimRecordLayout } from "./record.generated.ts";
import type { MemreclaimRecord } from "./record.generated.ts";

const sample = readSample();

/** As the kernel wrote it when `dd` read 32 MiB in a memory cgroup of 16 MiB. */
function readSample(): MemreclaimRecord {
  const text = readFileSync(new URL("sample.base64", import.meta.url), "utf8");
  const bytes = Buffer.from(text, "base64");
  assert.equal(bytes.length, memreclaimRecordLayout.sizeBytes);
  return memreclaimRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

function describe(record: MemreclaimRecord, stack = "a+0x1\nb+0x2"): ReturnType<typeof describeStall> {
  const words = {
    bpf: { stack: () => stack } as never,
    pageSizeBytes: 4096,
    creationTime: (bootNs: number) => `boot+${bootNs}`,
  };
  return describeStall(record, words, new Map([[6, "COMPACT_PARTIAL_SKIPPED"]]));
}

test("a recorded wait at a cgroup's limit becomes a log record about the task and what it asked for", () => {
  const record = describe(sample);
  assert.equal(record.time, sample.time);
  assert.deepEqual(record.subject, { kind: "cgroup", id: sample.cgroupId, path: sample.cgroup });
  assert.match(sample.cgroup, /^\/kerntel-test-\d+\/[0-9a-f]{64}$/);
  assert.ok(sample.duration > 0 && sample.duration < sample.time - sample.startTime);
  assert.deepEqual(record.attributes, {
    "process.pid": sample.pid,
    "process.creation.time": `boot+${sample.startTime}`,
    "thread.id": sample.tid,
    "thread.name": "dd",
    "cpu.logical_number": sample.cpu,
    "code.stacktrace": "a+0x1\nb+0x2",
    "kerntel.memreclaim.kind": "memcg",
    "kerntel.duration": sample.duration / 1e9,
    "kerntel.memreclaim.order": 0,
    "kerntel.memreclaim.gfp.flags":
      "GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_HARDWALL",
    "kerntel.memreclaim.gfp.mask": "0x112c4a",
    "kerntel.memreclaim.reclaimed": sample.reclaimed,
    "kerntel.cgroup.id": String(sample.cgroupId),
    "kerntel.cgroup.path": sample.cgroup,
    "kerntel.memory_cgroup.id": String(sample.cgroupId),
    "kerntel.memory_cgroup.path": sample.cgroup,
    "kerntel.memory_cgroup.limit": 16 * 1024 * 1024,
    "kerntel.memory_cgroup.usage": sample.usagePages * 4096,
    "kerntel.memory_cgroup.source": "derived",
  });
  assert.ok(sample.usagePages > 3_500 && sample.usagePages <= 4_096);
  assert.match(
    record.body,
    /^dd \(\d+\) waited 0\.0 ms for memory of order 0 at a cgroup's limit, freed \d+ pages$/,
  );
});

test("without a stack there is no attribute for one", () => {
  assert.equal(describe(sample, "").attributes["code.stacktrace"], undefined);
});

test("without a limit anywhere no limit is reported", () => {
  const { attributes } = describe({ ...sample, limitSource: 0 });
  assert.equal(attributes["kerntel.memory_cgroup.limit"], undefined);
  assert.equal(attributes["kerntel.memory_cgroup.path"], undefined);
});

test("a wait for the whole machine names no cgroup's limit", () => {
  const { attributes, body } = describe({
    ...sample,
    kind: 0,
    limitSource: 0,
    duration: 1_250_000_000,
    reclaimed: 0,
  });
  assert.equal(attributes["kerntel.memreclaim.kind"], "direct");
  assert.equal(attributes["kerntel.memreclaim.reclaimed"], 0);
  assert.match(body, /^dd \(\d+\) waited 1250\.0 ms for memory of order 0, freed 0 pages$/);
});

for (const [result, name] of [
  [6, "partial_skipped"],
  [99, "99"],
] as const) {
  test(`a compaction that ended with ${result} is told as ${name}, and frees nothing`, () => {
    const { attributes, body } = describe({ ...sample, kind: 2, order: 9, result });
    assert.equal(attributes["kerntel.memreclaim.compaction.result"], name);
    assert.equal(attributes["kerntel.memreclaim.reclaimed"], undefined);
    assert.match(body, new RegExp(`for memory of order 9: compaction ${name}$`));
  });
}

test("a wait at the brake of memory.high is the task's, and says by how much its cgroup is above it", () => {
  const { attributes, body, subject } = describe({ ...sample, kind: 3, duration: 2e9, usagePages: 5120 });
  assert.deepEqual(subject, { kind: "cgroup", id: sample.cgroupId, path: sample.cgroup });
  assert.equal(attributes["kerntel.memreclaim.kind"], "memory_high");
  assert.equal(attributes["process.pid"], sample.pid);
  for (const name of ["order", "gfp.flags", "gfp.mask", "reclaimed"] as const)
    assert.equal(attributes[`kerntel.memreclaim.${name}`], undefined);
  assert.match(
    body,
    /^dd \(\d+\) waited 2000\.0 ms at the brake of memory\.high, cgroup at 20\.0 MiB of 16\.0 MiB$/,
  );
});

for (const [kind, name, file] of [
  [4, "memory_max_write", "memory.max"],
  [5, "memory_high_write", "memory.high"],
  [6, "memory_reclaim", "memory.reclaim"],
] as const) {
  test(`a write to ${file} is about the cgroup that is reclaimed, and the task is its writer`, () => {
    const target = { limitCgroup: "/target", limitCgroupId: 7n, limitSource: 1 };
    const { attributes, body, subject } = describe({ ...sample, kind, ...target });
    assert.deepEqual(subject, { kind: "cgroup", id: 7n, path: "/target" });
    assert.equal(attributes["kerntel.memreclaim.kind"], name);
    assert.equal(attributes["kerntel.memory_cgroup.path"], "/target");
    assert.equal(attributes["kerntel.writer.process.pid"], sample.pid);
    assert.equal(attributes["kerntel.writer.process.creation.time"], `boot+${sample.startTime}`);
    assert.equal(attributes["kerntel.writer.thread.id"], sample.tid);
    assert.equal(attributes["kerntel.writer.thread.name"], "dd");
    assert.equal(attributes["kerntel.writer.cgroup.id"], String(sample.cgroupId));
    assert.equal(attributes["kerntel.writer.cgroup.path"], sample.cgroup);
    for (const own of ["process.pid", "thread.name", "kerntel.cgroup.path"] as const)
      assert.equal(attributes[own], undefined);
    assert.match(body, new RegExp(`^A write to ${file} by dd \\(\\d+\\) reclaimed memory for`));
  });
}

test("where nobody can say whose memory a writer reclaims, the record is about the host, not about the writer", () => {
  const { attributes, subject } = describe({ ...sample, kind: 6, limitSource: 0 });
  assert.deepEqual(subject, { kind: "host" });
  assert.equal(attributes["kerntel.memory_cgroup.path"], undefined);
});

test("a cgroup that is reclaimed needs no limit", () => {
  const { attributes } = describe({ ...sample, kind: 6, limitSource: 1, limitPages: 2 ** 51 });
  assert.equal(attributes["kerntel.memory_cgroup.limit"], undefined);
  assert.equal(attributes["kerntel.memory_cgroup.usage"], sample.usagePages * 4096);
});

const ranges = new Map([
  [
    "try_to_free_mem_cgroup_pages",
    [
      { start: 90n, end: 91n },
      { start: 10n, end: 20n },
    ],
  ],
  ["reclaim_high", [{ start: 30n, end: 40n }]],
  [
    "memory_max_write",
    [
      { start: 50n, end: 60n },
      { start: 70n, end: 71n },
    ],
  ],
]);

test("functions that reclaim are given to the kernel half with all their parts, each with its cause", () => {
  const found = findCauseFunctions({ textRanges: () => ranges });
  assert.deepEqual(found?.reclaim, { start: 10n, end: 20n, cause: 0n });
  assert.equal(found.callers.length, 32);
  assert.deepEqual(
    found.callers.filter(({ end }) => end !== 0n),
    [
      { start: 30n, end: 40n, cause: 1n },
      { start: 50n, end: 60n, cause: 3n },
      { start: 70n, end: 71n, cause: 3n },
    ],
  );
});

test("a kernel that hides its symbols has no causes", () => {
  assert.equal(findCauseFunctions({ textRanges: () => new Map() }), undefined);
});

test("before the first run both metrics are there, without a wait", () => {
  const metrics = createMemreclaim().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    [
      ["kerntel.memreclaim.duration", []],
      ["kerntel.memreclaim.unmeasured", [0]],
    ],
  );
});
