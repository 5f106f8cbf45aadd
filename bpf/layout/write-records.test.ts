import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compileEncoder } from "../loader/source/btf/encoder.ts";
import { compileText } from "./compile-text.ts";
import { describeRecords } from "./describe-records.ts";
import { sampleRecordLayout } from "./fixtures/sample.generated.ts";
import { writeRecords } from "./write-records.ts";

const btf = await compileText(readFileSync(new URL("fixtures/sample.bpf.c", import.meta.url), "utf8"));
const goldenPath = fileURLToPath(new URL("fixtures/sample.generated.ts", import.meta.url));
const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1];

test("writes the committed text for the sample", async () => {
  const text = await writeRecords(goldenPath, "events/sample/sample.bpf.c", describeRecords(btf));
  assert.equal(text, readFileSync(goldenPath, "utf8"));
});

test("what was written by the BTF is read by the generated reader, at any offset", () => {
  const bytes = new Uint8Array(sampleRecordLayout.sizeBytes + 24).fill(0xaa);
  const view = new DataView(bytes.buffer);
  const id = btf.find("sample_record", "struct");
  assert.ok(id !== undefined);
  assert.equal(btf.sizeOf(id), sampleRecordLayout.sizeBytes);
  const record = {
    record_kind: 77,
    time: 8_999_999_999_999_999n,
    limit: 2n ** 40n + 1n,
    anonymous: 3,
    count: 0,
    net_cookie: 2n ** 64n - 1n,
    stack: [0xffff_ffff_8100_0000n, 0xffff_ffff_8100_0001n, 0, 7],
    location: 0xffff_ffff_8123_4567n,
    victim: { cgroup: 2n ** 53n + 1n, pid: 4_294_967_295, comm: "a-comm-of-16-byt", _pad: [1, 2, 3, 4] },
    source: mapped,
    sequence: 0x0403_0201,
    source_port: 0x3500,
    oom_score_adj: -1000,
    constraint: 2,
    code: 0xffff_ffff,
    shares: [65_535, 1],
    mac: [2, 0, 0, 0, 0, 255],
    is_ready: true,
    _pad2: [9, 9, 9, 9, 9],
  };
  compileEncoder(btf, id)(record, view, 16);
  const read = sampleRecordLayout.read(view, 16);
  bytes.fill(0);
  assert.deepEqual(read, {
    time: 8_999_999_999_999_999,
    limit: 2 ** 40 + 1,
    anonymous: 3,
    count: 0,
    netCookie: 2n ** 64n - 1n,
    stack: [0xffff_ffff_8100_0000n, 0xffff_ffff_8100_0001n],
    location: 0xffff_ffff_8123_4567n,
    victim: { cgroup: 2n ** 53n + 1n, pid: 4_294_967_295, comm: "a-comm-of-16-byt" },
    source: "10.0.0.1",
    sequence: 0x0102_0304,
    sourcePort: 53,
    oomScoreAdj: -1000,
    constraint: "memcg",
    code: "negative",
    shares: [65_535, 1],
    mac: Uint8Array.of(2, 0, 0, 0, 0, 255),
    isReady: true,
  });
});

test("an enum's value without a constant is called unknown", () => {
  const view = new DataView(new ArrayBuffer(sampleRecordLayout.sizeBytes));
  view.setUint32(144, 77, true);
  assert.equal(sampleRecordLayout.read(view, 0).constraint, "unknown");
  assert.equal(sampleRecordLayout.read(view, 0).code, "unknown");
});

test("several records of one object share a file, and imports only what they read", async () => {
  const two = await compileText(`
    #include <linux/types.h>
    #include "event.h"
    struct first_record { record_kind record_kind; __u32 number; __u8 _pad[4]; };
    struct second_record { record_kind record_kind; __u8 flags; __u8 _pad[7]; };
    EVENT(first_record);
    EVENT(second_record);`);
  const text = await writeRecords(goldenPath, "two.bpf.c", describeRecords(two));
  assert.match(text, /export const firstRecordLayout[^]*export const secondRecordLayout/);
  assert.doesNotMatch(text, /fields\.ts/);
});
