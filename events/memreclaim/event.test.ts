/** A record of a real wait for memory goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
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
    "kerntel.memreclaim.duration": sample.duration,
    "kerntel.memreclaim.order": 0,
    "kerntel.memreclaim.gfp.flags":
      "GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_HARDWALL",
    "kerntel.memreclaim.gfp.mask": "0x112c4a",
    "kerntel.memreclaim.reclaimed": sample.reclaimed,
    "kerntel.memreclaim.cgroup.id": String(sample.cgroupId),
    "kerntel.memreclaim.cgroup.path": sample.cgroup,
    "kerntel.memreclaim.memcg.id": String(sample.cgroupId),
    "kerntel.memreclaim.memcg.path": sample.cgroup,
    "kerntel.memreclaim.memcg.limit": 16 * 1024 * 1024,
    "kerntel.memreclaim.memcg.usage": sample.usagePages * 4096,
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
  const { attributes } = describe({ ...sample, limitCgroupId: 0n });
  assert.equal(attributes["kerntel.memreclaim.memcg.limit"], undefined);
  assert.equal(attributes["kerntel.memreclaim.memcg.path"], undefined);
});

test("a wait for the whole machine names no cgroup's limit", () => {
  const { attributes, body } = describe({ ...sample, kind: 0, duration: 1_250_000_000, reclaimed: 0 });
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
