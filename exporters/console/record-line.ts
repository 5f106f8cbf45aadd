/** A log record as one line of text, for people. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { formatTimeOfDay } from "./record-time.ts";

const SEVERITY_WORDS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
const SEVERITIES_PER_WORD = 4;
const SHORT_ID_LENGTH = 12;

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
  return parts.map(escapeControls).join("  ");
}

function nameSeverity(severity: number): string {
  return SEVERITY_WORDS[Math.floor((severity - 1) / SEVERITIES_PER_WORD)] ?? "-";
}

function nameSubject({ resource: { attributes } }: ReadableLogRecord): string {
  const containerId = attributes["container.id"];
  if (typeof containerId === "string" && containerId) return containerId.slice(0, SHORT_ID_LENGTH);
  const host = attributes["host.name"] ?? "-";
  return typeof host === "string" ? host : JSON.stringify(host);
}

/** Control and format characters (Unicode Cc and Cf) and the two line separators; joiners of scripts and emoji stay. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from the watched system must not move the cursor, colour the screen, turn text round or fake a line. */
function escapeControls(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => {
    const [short] =
      JSON.stringify(character)
        .slice(1, -1)
        .match(/^\\[nrtbf]$/) ?? [];
    return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
