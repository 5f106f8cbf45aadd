/** A log record as one line of text, for people. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { escapeText } from "./escape.ts";
import { formatTimeOfDay } from "./record-time.ts";

const SEVERITY_WORDS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
const SEVERITIES_PER_WORD = 4;
const SHORT_ID_LENGTH = 12;
/** What most runtimes make; LXC and systemd-nspawn have names that people gave, and those are shown whole. */
const RANDOM_ID = /^[0-9a-f]{64}$/;

/** Time of day (UTC), severity, event, container or host, body. No line break at its end. */
export function formatRecordAsLine(record: ReadableLogRecord): string {
  const { body } = record;
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  const parts = [
    formatTimeOfDay(record.hrTime),
    nameSeverity(record.severityNumber ?? 0).padEnd(5),
    record.eventName ?? "-",
    nameSubject(record),
    text,
  ];
  return parts.map(escapeText).join("  ");
}

function nameSeverity(severity: number): string {
  return SEVERITY_WORDS[Math.floor((severity - 1) / SEVERITIES_PER_WORD)] ?? "-";
}

function nameSubject({ resource: { attributes } }: ReadableLogRecord): string {
  const containerId = attributes["container.id"];
  if (typeof containerId === "string" && containerId)
    return RANDOM_ID.test(containerId) ? containerId.slice(0, SHORT_ID_LENGTH) : containerId;
  const host = attributes["host.name"] ?? "-";
  return typeof host === "string" ? host : JSON.stringify(host);
}
