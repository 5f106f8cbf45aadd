import assert from "node:assert/strict";
import { test } from "node:test";
import type { HrTime } from "@opentelemetry/api";
import { createSampleRecord } from "../sample-record.ts";
import { createDocument, readDataStream } from "./document.ts";

test("times keep their nanoseconds, and a record without its own time has that of its observation", () => {
  const cases: readonly (readonly [HrTime, HrTime, string | undefined, string | undefined])[] = [
    [[1_780_000_000, 123_456_789], [1_780_000_001, 0], "1780000000123.456789", "1780000001000"],
    [[1_780_000_000, 1], [0, 0], "1780000000000.000001", undefined],
    [[0, 0], [1_780_000_000, 5_000_000], "1780000000005", "1780000000005"],
  ];
  for (const [hrTime, hrTimeObserved, time, observed] of cases) {
    const document = createDocument(createSampleRecord("A", { hrTime, hrTimeObserved }), undefined);
    assert.deepEqual([document["@timestamp"], document["observed_timestamp"]], [time, observed]);
  }
});

test("a body is a text or a structure", () => {
  const cases: readonly (readonly [Parameters<typeof createSampleRecord>[1], unknown])[] = [
    [{ body: "words" }, { text: "words" }],
    [{ body: 5 }, { text: "5" }],
    [{ body: { a: { b: [1, null] }, c: undefined } }, { structured: { a: { b: [1, null] } } }],
    [{ body: ["a"] }, { structured: { value: ["a"] } }],
    [{ body: Buffer.from("hi") }, { structured: { value: "aGk=" } }],
    [{ body: null }, undefined],
  ];
  for (const [changes, body] of cases)
    assert.deepEqual(createDocument(createSampleRecord("A", changes), undefined)["body"], body);
});

test("what a record does not say is not in its document", () => {
  const document = createDocument(
    createSampleRecord("A", {
      severityNumber: 0,
      severityText: "",
      spanContext: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 },
      droppedAttributesCount: 2,
      attributes: { zero: 0, no: false, empty: "", list: ["a", "b"] },
    }),
    readDataStream("logs-a.otel-b"),
  );
  assert.ok(!("severity_number" in document) && !("severity_text" in document));
  assert.equal(document["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  assert.equal(document["span_id"], "b7ad6b7169203331");
  assert.equal(document["dropped_attributes_count"], 2);
  assert.deepEqual(document["data_stream"], { type: "logs", dataset: "a.otel", namespace: "b" });
  const { zero, no, empty, list } = document["attributes"] as Record<string, unknown>;
  assert.deepEqual([zero, no, empty, list], [0, false, "", ["a", "b"]]);
});

test("only a name of three parts says what kind of data stream it is", () => {
  for (const name of ["logs", "logs-a", "my-own-long-name", "-a-b"])
    assert.equal(readDataStream(name), undefined);
});

test("a whole number of an attribute that is declared as a double has a fraction, so that nothing takes it for an integer", () => {
  const attributes = {
    "kerntel.threshold": 2,
    "kerntel.sched_tick.steal": 0,
    "kerntel.duration": 0.0142,
    "kerntel.count": 2,
  };
  const text = JSON.stringify(
    createDocument(createSampleRecord("A", { attributes }), undefined)["attributes"],
  );
  assert.ok(
    text.includes(
      '"kerntel.threshold":2.0,"kerntel.sched_tick.steal":0.0,"kerntel.duration":0.0142,"kerntel.count":2,',
    ),
    text,
  );
});
