/** What backends answer: Elasticsearch to a bulk request, an OTLP receiver that refused some of the records. */
import assert from "node:assert/strict";
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import type { SendResult } from "#exporters/contract.ts";
import { readBulkAnswer } from "#exporters/elasticsearch/bulk-answer.ts";
import { readPartialSuccess } from "#exporters/otlp/partial-success.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const records = ["A", "B", "C"].map((uid) => createSampleRecord(uid));
const error = {
  type: "document_parsing_exception",
  reason: "failed to parse",
  caused_by: { reason: "no ip" },
};
const bulkAnswers = [
  { errors: false, items: [] },
  { errors: true, items: [null, { create: null }, { create: { status: "400", error: null } }] },
  {
    errors: true,
    items: [{ create: { status: 201 } }, { create: { status: 400, error } }, { create: { status: 429 } }],
  },
  {
    errors: true,
    items: records.map(() => ({ create: { status: 404, error: { type: "index_not_found_exception" } } })),
  },
];

/** Each record has one fate. */
function assertAccounted(result: SendResult): void {
  const rejections = result.kind === "partial" ? result.rejected : result.kind === "rejected" ? [result] : [];
  const again = result.kind === "partial" ? result.again : [];
  const rejected = rejections.reduce((sum, { count }) => sum + count, 0);
  assert.ok(Number.isInteger(rejected) && rejected >= 0 && rejected + again.length <= records.length);
  for (const { reason, message = "" } of rejections) {
    assert.ok(reason.length <= 64, "a reason is short");
    assert.ok(message.length <= 500, "a message is short");
  }
  assert.ok(again.every((record) => records.includes(record)));
}

export const bulkAnswer: FuzzedReader = {
  name: "bulk-answer",
  seeds: () => bulkAnswers.map((answer) => Buffer.from(JSON.stringify(answer))),
  read(bytes) {
    let body: unknown;
    try {
      body = JSON.parse(Buffer.from(bytes).toString());
    } catch {
      // The client refuses what is no JSON.
      return true;
    }
    const result = readBulkAnswer(records, body);
    assertAccounted(result);
    return result.kind === "retry";
  },
};

export const partialSuccess: FuzzedReader = {
  name: "partial-success",
  seeds: () => [Buffer.from([0x0a, 5, 0x08, 1, 0x12, 1, 0x78]), Buffer.from([0x0a, 3, 0x12, 1, 0x78])],
  read(bytes) {
    let response: Parameters<typeof readPartialSuccess>[0];
    try {
      response = ProtobufLogsSerializer.deserializeResponse(bytes);
    } catch {
      // OTel's reader refuses what is no protobuf.
      return true;
    }
    assertAccounted(readPartialSuccess(response, records.length));
    return false;
  },
};
