import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import * as fastCheck from "fast-check";
import protobuf from "protobufjs";
import { encodeLogs } from "./encode-logs.ts";
import { createSampleRecord } from "./sample-record.ts";

/** opentelemetry-proto 1.7: every field that a request for log records can have. */
const schema = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  } }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6;
    uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11;
    string event_name = 12;
  }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
  message Request { repeated ResourceLogs resource_logs = 1; }
`).root;

function decode(bytes: Uint8Array): object {
  const type = schema.lookupType("Request");
  return type.toObject(type.decode(bytes), { longs: String, bytes: String, defaults: true });
}

function assertSame(records: readonly ReadableLogRecord[]): void {
  const expected = ProtobufLogsSerializer.serializeRequest([...records]) ?? new Uint8Array();
  assert.deepEqual(decode(encodeLogs(records)), decode(expected));
}

const {
  oneof,
  string,
  integer,
  double,
  boolean,
  constant,
  constantFrom,
  uint8Array,
  array,
  dictionary,
  record,
} = fastCheck;
const text = oneof(
  string({ unit: "binary", maxLength: 40 }),
  // Node makes nothing of a half of a pair; UTF-16 units are taken at random.
  array(integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 4 }).map((units) =>
    String.fromCharCode(...units),
  ),
  string({ minLength: 100, maxLength: 300 }),
);
const number = oneof(
  integer(),
  double(),
  constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 62,
    2 ** 63,
    -(2 ** 63),
    -(2 ** 64),
  ),
  integer({ min: -20, max: 63 }).map((power) => 2 ** power - 1),
);
const value = fastCheck.letrec((tie) => ({
  any: oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    number,
    boolean(),
    constant(null),
    constant(undefined),
    uint8Array({ maxLength: 20 }),
    array(tie("any"), { maxLength: 4 }),
    dictionary(text, tie("any"), { maxKeys: 4 }),
  ),
})).any;
const attributes = dictionary(text, value, { maxKeys: 8 });
/** Half of them are few, as resources are. */
const resources = Array.from({ length: 3 }, (_, index) =>
  resourceFromAttributes(
    { "container.id": `${index}` },
    index === 0 ? undefined : { schemaUrl: "https://a" },
  ),
);
const scopes = [
  { name: "kerntel", version: "0.1.0", schemaUrl: "https://b" },
  { name: "", attributes: { a: 1 }, droppedAttributesCount: 3 },
];
const hex = (bytes: number): fastCheck.Arbitrary<string> =>
  uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString("hex"));
const hrTime = fastCheck.tuple(integer({ min: 0, max: 2 ** 33 }), integer({ min: 0, max: 999_999_999 }));
const logRecord = record({
  hrTime,
  hrTimeObserved: hrTime,
  severityNumber: constantFrom(undefined, 0, 9, 24),
  severityText: constantFrom(undefined, "", "WARN"),
  body: value,
  eventName: constantFrom(undefined, "", "kerntel.oom"),
  attributes,
  droppedAttributesCount: constantFrom(0, 1, 300),
  spanContext: oneof(
    constant(undefined),
    record({ traceId: hex(16), spanId: hex(8), traceFlags: constantFrom(0, 1) }),
  ),
  resource: oneof(
    constantFrom(...resources),
    dictionary(text, text).map((each) => resourceFromAttributes(each)),
  ),
  instrumentationScope: constantFrom(...scopes),
}) as fastCheck.Arbitrary<unknown> as fastCheck.Arbitrary<ReadableLogRecord>;

/** Each with up to nine records; KERNTEL_ENCODED_REQUESTS=25000 makes 100,000 of them. */
const requests = Number(process.env["KERNTEL_ENCODED_REQUESTS"] ?? 1_500);

test("random records say the same as those that OpenTelemetry's serializer writes", (context) => {
  const seed = Number(process.env["KERNTEL_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  let count = 0;
  context.diagnostic(`seed ${seed}`);
  fastCheck.assert(
    fastCheck.property(array(logRecord, { maxLength: 9 }), (records) => {
      count += records.length;
      assertSame(records);
    }),
    { seed, numRuns: requests },
  );
  context.diagnostic(`${count} records`);
  assert.ok(count > requests);
});

test("records of one resource and scope are one group, whatever stands between them", () => {
  const other = resourceFromAttributes({ "host.name": "other" });
  const records = [
    createSampleRecord("1"),
    createSampleRecord("2", { resource: other }),
    createSampleRecord("3"),
  ];
  assertSame(records);
  const { resourceLogs } = decode(encodeLogs(records)) as {
    resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[];
  };
  assert.deepEqual(
    resourceLogs.map(({ scopeLogs }) => scopeLogs.map(({ logRecords }) => logRecords.length)),
    [[2], [1]],
  );
});

test("a request of many megabytes is whole, and the next one has nothing of it", () => {
  const large = createSampleRecord("1", {
    attributes: { long: "é".repeat(3_000_000), bytes: Buffer.alloc(2_000_000) },
  });
  assertSame([large, createSampleRecord("2")]);
  assertSame([createSampleRecord("3")]);
  assertSame([]);
});

test("names that never repeat take no memory for ever, and stay right", () => {
  const records = Array.from({ length: 5_000 }, (_, index) =>
    createSampleRecord(`${index}`, { attributes: { [`container.label.${index}`]: index } }),
  );
  assertSame(records);
});

test("a value that contains itself is an error, and the next request is whole", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  assert.throws(() => encodeLogs([createSampleRecord("1", { body: circle })]), RangeError);
  assertSame([createSampleRecord("2")]);
});

test("an attribute that is declared as a double is one, also where it is whole", () => {
  const measured = { "kerntel.threshold": 2, "kerntel.duration": 2.5, "kerntel.count": 2 };
  const { resourceLogs } = decode(encodeLogs([createSampleRecord("1", { attributes: measured })])) as {
    resourceLogs: { scopeLogs: { logRecords: { attributes: { key: string; value: object }[] }[] }[] }[];
  };
  const encoded = resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.attributes ?? [];
  assert.deepEqual(
    encoded.filter(({ key }) => key.startsWith("kerntel.")),
    [
      { key: "kerntel.threshold", value: { doubleValue: 2 } },
      { key: "kerntel.duration", value: { doubleValue: 2.5 } },
      { key: "kerntel.count", value: { intValue: "2" } },
    ],
  );
});
