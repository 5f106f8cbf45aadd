/** About how many bytes a record takes in memory and on disk: enough to bound a buffer by, cheap to compute. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";

const FIXED_BYTES = 200;
const MAX_DEPTH = 32;

/** `undefined` for a record that is nested too deeply to be written, such as one that contains itself. */
export function estimateSizeBytes(record: ReadableLogRecord): number | undefined {
  try {
    return FIXED_BYTES + sizeOf(record.body, 0) + sizeOf(record.attributes, 0);
  } catch {
    // Too deep; there is no other way for this to throw.
    return undefined;
  }
}

/** Of a whole request, in which OTLP has each resource once. A record that nests too deeply cannot be encoded, and counts nothing. */
export function estimateRequestBytes(records: readonly ReadableLogRecord[]): number {
  const resources = new Set(records.map(({ resource }) => resource));
  let sizeBytes = 0;
  for (const record of records) sizeBytes += estimateSizeBytes(record) ?? 0;
  for (const { attributes } of resources) sizeBytes += sizeOf(attributes, 0);
  return sizeBytes;
}

function sizeOf(value: unknown, depth: number): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof Uint8Array) return Math.ceil(value.length * 1.34);
  if (depth > MAX_DEPTH) throw new RangeError("nested too deeply");
  let sizeBytes = 2;
  for (const key in value) {
    sizeBytes += key.length + 4 + sizeOf((value as Record<string, unknown>)[key], depth + 1);
  }
  return sizeBytes;
}
