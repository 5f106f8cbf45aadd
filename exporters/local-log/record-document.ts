/** A log record as the document that stands for it in a segment, and back. */
import type { HrTime, SpanContext } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readUid, UID_ATTRIBUTE } from "../contract.ts";
import { decodeMap, decodeValue, encodeMap, encodeValue, type Json, type JsonMap } from "./value-json.ts";
import { isUid } from "./uid.ts";

export type Scope = ReadableLogRecord["instrumentationScope"];

/** Times are pairs of seconds and nanoseconds; `resource` and `scope` are ids of documents of the same segment. */
export interface RecordDocument {
  readonly _id: string;
  readonly time: HrTime;
  readonly observed: HrTime;
  readonly event?: string;
  readonly severity?: number;
  readonly severityText?: string;
  readonly body?: Json;
  readonly attributes: JsonMap;
  readonly droppedAttributes?: number;
  readonly span?: SpanContext;
  readonly resource: string;
  readonly scope: string;
}

/** Throws if the record has no uid or holds what cannot be written, such as a value nested in itself. */
export function encodeRecord(record: ReadableLogRecord, resource: string, scope: string): RecordDocument {
  const uid = readUid(record);
  if (uid === undefined || !isUid(uid)) throw new TypeError(`${UID_ATTRIBUTE} of a record must be a ULID`);
  const attributes = encodeMap(record.attributes);
  delete attributes[UID_ATTRIBUTE];
  // Fields without a value are left out of the JSON, and so of the document.
  return {
    _id: uid,
    time: record.hrTime,
    observed: record.hrTimeObserved,
    event: record.eventName,
    severity: record.severityNumber,
    severityText: record.severityText,
    body: encodeValue(record.body),
    attributes,
    droppedAttributes: record.droppedAttributesCount || undefined,
    span: record.spanContext && encodeSpan(record.spanContext),
    resource,
    scope,
  } as RecordDocument;
}

function encodeSpan(span: SpanContext): SpanContext {
  return { traceId: span.traceId, spanId: span.spanId, traceFlags: span.traceFlags };
}

/** A plain object in the shape of a log record. */
export function decodeRecord(document: RecordDocument, resource: Resource, scope: Scope): ReadableLogRecord {
  return {
    hrTime: document.time,
    hrTimeObserved: document.observed,
    attributes: { [UID_ATTRIBUTE]: document._id, ...decodeMap(document.attributes) },
    droppedAttributesCount: document.droppedAttributes ?? 0,
    resource,
    instrumentationScope: scope,
    ...(document.event === undefined ? {} : { eventName: document.event }),
    ...(document.severity === undefined ? {} : { severityNumber: document.severity }),
    ...(document.severityText === undefined ? {} : { severityText: document.severityText }),
    ...(document.body === undefined ? {} : { body: decodeValue(document.body) }),
    ...(document.span === undefined ? {} : { spanContext: document.span }),
  };
}
