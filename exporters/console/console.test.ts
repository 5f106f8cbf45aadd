import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createSampleRecord, SAMPLE_CONTAINER_ID } from "../sample-record.ts";
import { createConsoleWriter } from "./console-writer.ts";
import { formatRecordAsJson } from "./record-json.ts";
import { formatRecordAsLine } from "./record-line.ts";

const UID = "01JZQ5T6W0ABCDEFGHJKMNPQRS";

test("a line has time, severity, event, subject and body", () => {
  const host = resourceFromAttributes({ "host.name": "node-1" });
  const cases = [
    [{}, "20:26:40.123  WARN   kerntel.dropwatch  4f1c2a9b7e6d  dropped"],
    [{ resource: host, severityNumber: 17 }, "20:26:40.123  ERROR  kerntel.dropwatch  node-1  dropped"],
    [
      { resource: resourceFromAttributes({}), severityNumber: 0 },
      "20:26:40.123  -      kerntel.dropwatch  -  dropped",
    ],
    [{ severityNumber: 24 }, "20:26:40.123  FATAL  kerntel.dropwatch  4f1c2a9b7e6d  dropped"],
  ] as const;
  for (const [changes, expected] of cases) {
    assert.equal(formatRecordAsLine(createSampleRecord(UID, { body: "dropped", ...changes })), expected);
  }
});

test("control characters in data reach the terminal only as text", () => {
  const cases = [
    ["a\u001b[2Jb", "a\\u{1b}[2Jb"],
    ["one\ntwo\r\tthree", "one\\ntwo\\r\\tthree"],
    ["\u0000\u007f\u009b", "\\u{0}\\u{7f}\\u{9b}"],
    ["left\u202eright\u2066", "left\\u{202e}right\\u{2066}"],
    ["héllo 👩‍🚒 日本", "héllo 👩‍🚒 日本"],
  ] as const;
  for (const [body, expected] of cases) {
    assert.ok(formatRecordAsLine(createSampleRecord(UID, { body })).endsWith(`  ${expected}`), body);
  }
});

test("the JSON line has exactly the fields that programs rely on", () => {
  const record = createSampleRecord(UID, { body: "a\nb", hrTime: [1_780_000_000, 5] });
  const line = formatRecordAsJson(record);
  assert.ok(!line.includes("\n"));
  const { attributes, ...rest } = JSON.parse(line) as { attributes: Record<string, unknown> };
  assert.deepEqual(rest, {
    uid: UID,
    time: "2026-05-28T20:26:40.000000005Z",
    observedTime: "2026-05-28T20:26:40.123999001Z",
    event: "kerntel.dropwatch",
    severity: 13,
    body: "a\nb",
    resource: { "container.id": SAMPLE_CONTAINER_ID, "host.name": "node-1" },
  });
  assert.equal(attributes["source.port"], 40_312);
  assert.ok(!("log.record.uid" in attributes));
});

test("values that JSON has no word for do not break the line", () => {
  const record = createSampleRecord(UID, { body: { bytes: Buffer.from("hi"), ratio: Number.NaN } });
  const { body } = JSON.parse(formatRecordAsJson(record)) as { body: unknown };
  assert.deepEqual(body, { bytes: "aGk=", ratio: "NaN" });
});

test("a reader that is too slow loses lines, and they are counted", () => {
  const stuck = new Writable({ write() {} });
  const writer = createConsoleWriter({ stream: stuck, maxBufferedBytes: 100 });
  writer.write(Array.from({ length: 10 }, () => createSampleRecord(UID)));
  const { written, dropped } = writer.counts();
  assert.equal(written + dropped, 10);
  assert.equal(written, 1);
});

test("a reader that went away ends nothing", async () => {
  const broken = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error("EPIPE")) });
  const writer = createConsoleWriter({ stream: broken, format: "json" });
  writer.write([createSampleRecord(UID)]);
  await new Promise((resolve) => setImmediate(resolve));
  writer.write([createSampleRecord(UID)]);
  assert.deepEqual(writer.counts(), { written: 1, dropped: 1 });
});
