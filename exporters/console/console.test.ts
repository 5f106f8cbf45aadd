import assert from "node:assert/strict";
import { test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createSampleRecord, SAMPLE_CONTAINER_ID } from "../sample-record.ts";
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

test("JSON has escapes for what a terminal would act on or not show, and the same value", () => {
  const body = "\u001b[2J\u009b1m\u202eright\u007f\u0085\u2028\u{e0041} héllo 👩‍🚒";
  const line = formatRecordAsJson(createSampleRecord(UID, { body }));
  assert.match(line, /\\u001b\[2J\\u009b1m\\u202eright\\u007f\\u0085\\u2028\\udb40\\udc41 héllo 👩‍🚒/);
  assert.equal((JSON.parse(line) as { body: unknown }).body, body);
});

test("a name that people gave a container is shown whole", () => {
  const resource = resourceFromAttributes({ "container.id": "web-frontend-2" });
  assert.match(formatRecordAsLine(createSampleRecord(UID, { resource })), /  web-frontend-2  /);
});
