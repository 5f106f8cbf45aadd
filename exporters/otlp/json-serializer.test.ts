import assert from "node:assert/strict";
import { test } from "node:test";
import { createSampleRecord } from "../sample-record.ts";
import { jsonLogsSerializer } from "./json-serializer.ts";

interface Request {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly attributes: readonly { readonly key: string }[] }[];
    }[];
  }[];
}

test("a double is one in JSON, also where it is whole, and a text that looks like one stays", () => {
  const text = '"key":"kerntel.duration","value":{"intValue":3}';
  const attributes = { "kerntel.duration": 2, "kerntel.count": 2, "kerntel.softlockup.message": text };
  const bytes =
    jsonLogsSerializer.serializeRequest([createSampleRecord("A", { attributes })]) ?? new Uint8Array();
  const { resourceLogs } = JSON.parse(Buffer.from(bytes).toString()) as Request;
  const sent = resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.attributes ?? [];
  assert.deepEqual(
    sent.filter(({ key }) => key.startsWith("kerntel.")),
    [
      { key: "kerntel.duration", value: { doubleValue: 2 } },
      { key: "kerntel.count", value: { intValue: 2 } },
      { key: "kerntel.softlockup.message", value: { stringValue: text } },
    ],
  );
});
