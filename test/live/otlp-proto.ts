/** OTLP log requests, binary or JSON, as flat records; opentelemetry/proto/logs/v1/logs.proto. */
import protobuf from "protobufjs";
import type { ReceivedRecord } from "./otlp-receiver.ts";

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface LogsRequest {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly schemaUrl?: string;
    readonly scopeLogs?: readonly {
      readonly schemaUrl?: string;
      readonly logRecords?: readonly LogRecord[];
    }[];
  }[];
}

interface LogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly eventName: string;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
  readonly droppedAttributesCount?: number;
}

const schema = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; AnyValue body = 5; repeated KeyValue attributes = 6;
    uint32 dropped_attributes_count = 7; fixed64 observed_time_unix_nano = 11; string event_name = 12;
  }
  message ScopeLogs { repeated LogRecord log_records = 2; string schema_url = 3; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
  message LogsRequest { repeated ResourceLogs resource_logs = 1; }
`).root;

export function decodeLogs(body: Uint8Array, contentType: string): ReceivedRecord[] {
  const request = contentType.startsWith("application/json")
    ? (JSON.parse(Buffer.from(body).toString("utf8")) as LogsRequest)
    : decodeBinary(body);
  return (request.resourceLogs ?? []).flatMap(({ resource, schemaUrl = "", scopeLogs = [] }) =>
    scopeLogs.flatMap((group) =>
      (group.logRecords ?? []).map((record) => ({
        timeUnixNano: record.timeUnixNano,
        observedTimeUnixNano: record.observedTimeUnixNano,
        severityNumber: record.severityNumber,
        eventName: record.eventName,
        body: String(valueOf(record.body)),
        attributes: flatten(record.attributes),
        droppedAttributesCount: record.droppedAttributesCount ?? 0,
        resource: flatten(resource?.attributes),
        schemaUrls: { resource: schemaUrl, scope: group.schemaUrl ?? "" },
      })),
    ),
  );
}

function decodeBinary(body: Uint8Array): LogsRequest {
  const type = schema.lookupType("LogsRequest");
  return type.toObject(type.decode(body), { longs: String });
}

function flatten(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: AnyValue = {}): unknown {
  const { stringValue, boolValue, intValue, doubleValue } = value;
  return stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue));
}
