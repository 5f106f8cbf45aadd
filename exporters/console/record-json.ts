/** A log record as one line of JSON, for programs. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readUid, UID_ATTRIBUTE } from "../contract.ts";
import { escapeJson } from "./escape.ts";
import { formatTime } from "./record-time.ts";

/**
 * No line break at its end. Bytes come as base64; numbers JSON has no word for as text. Invisible characters
 * are escaped, here too because the control socket is read without an `Output`.
 */
export function formatRecordAsJson(record: ReadableLogRecord): string {
  const { [UID_ATTRIBUTE]: _uid, ...attributes } = record.attributes;
  const fields = {
    uid: readUid(record),
    time: formatTime(record.hrTime),
    observedTime: formatTime(record.hrTimeObserved),
    event: record.eventName,
    severity: record.severityNumber ?? 0,
    body: record.body,
    attributes,
    resource: record.resource.attributes,
  };
  return escapeJson(JSON.stringify(fields, replaceValue));
}

function replaceValue(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  // A Buffer has turned itself into an object by now; the original is still in its holder.
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString("base64") : value;
}
