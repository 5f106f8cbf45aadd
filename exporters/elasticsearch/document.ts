/**
 * A log record as a document, in the shape that the Collector's Elasticsearch exporter writes in its OTel mapping mode
 * and that Elasticsearch's own templates for `logs-*.otel-*` are made for.
 */
import type { HrTime } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { doubleAttributes } from "../double-attributes.generated.ts";

/** `logs-<dataset>-<namespace>`, taken apart. */
export interface DataStreamParts {
  readonly type: string;
  readonly dataset: string;
  readonly namespace: string;
}

/** `undefined` for a name of another shape; its documents say nothing of a data stream then. */
export function readDataStream(name: string): DataStreamParts | undefined {
  const [type, dataset, namespace, ...more] = name.split("-");
  if (!type || !dataset || !namespace || more.length > 0) return undefined;
  return { type, dataset, namespace };
}

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as this text (ECMAScript, "JSON.parse source text access"). */
    rawJSON(text: string): object;
  }
}

export type Document = Readonly<Record<string, unknown>>;

/** Plain data that `JSON.stringify` takes as it is. */
export function createDocument(record: ReadableLogRecord, stream: DataStreamParts | undefined): Document {
  const { resource, instrumentationScope: scope, spanContext, body, hrTime, hrTimeObserved } = record;
  return omitEmpty({
    "@timestamp": formatTime(hrTime) ?? formatTime(hrTimeObserved),
    observed_timestamp: formatTime(hrTimeObserved),
    data_stream: stream,
    severity_text: record.severityText,
    severity_number: record.severityNumber,
    event_name: record.eventName,
    trace_id: spanContext?.traceId,
    span_id: spanContext?.spanId,
    dropped_attributes_count: record.droppedAttributesCount,
    attributes: withDoubles(plainObject(record.attributes)),
    resource: omitEmpty({ attributes: plainObject(resource.attributes), schema_url: resource.schemaUrl }),
    scope: omitEmpty({ name: scope.name, version: scope.version, schema_url: scope.schemaUrl }),
    body: createBody(body),
  });
}

/** OTLP's default values say nothing, and are not written. */
function omitEmpty(fields: Document): Document {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== "" && value !== 0),
  );
}

/** A structured body must be an object, because one field has one type. */
function createBody(body: unknown): Document | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return { text: body };
  if (typeof body !== "object") return { text: JSON.stringify(plain(body)) };
  const isMap = !Array.isArray(body) && !(body instanceof Uint8Array);
  return { structured: isMap ? plain(body) : { value: plain(body) } };
}

/** Milliseconds since 1970 with the nanoseconds behind the point: more than a number could hold. Zero is no time. */
function formatTime([seconds, nanos]: HrTime): string | undefined {
  if (seconds === 0 && nanos === 0) return undefined;
  const milliseconds = seconds * 1000 + Math.floor(nanos / 1_000_000);
  const fraction = String(nanos % 1_000_000).padStart(6, "0");
  return fraction === "000000" ? String(milliseconds) : `${milliseconds}.${fraction}`;
}

function plainObject(attributes: object): Document {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
}

/** A whole number would be taken for an integer where no template says the type, and fractions after it be cut. */
function withDoubles(attributes: Document): Document {
  let typed: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(attributes)) {
    if (!Number.isSafeInteger(value) || !doubleAttributes.has(name)) continue;
    typed ??= { ...attributes };
    typed[name] = JSON.rawJSON(`${String(value)}.0`);
  }
  return typed ?? attributes;
}

/** Bytes as base64, as Elasticsearch's `binary` wants them; JSON has no numbers that are none. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null ? plainObject(value) : value;
}
