/** Which segments have to go. */
import { readUidTimeMs } from "./uid.ts";

export interface RetentionLimits {
  readonly maxTotalBytes: number;
  readonly maxAgeMs: number;
}

/**
 * How many of the oldest segments are past a limit. A segment is as old as its newest record, for which the first
 * record of the next one stands in; the last segment is being written and never goes.
 */
export function countExpiredSegments(
  segments: readonly { readonly id: string; readonly sizeBytes: number }[],
  limits: RetentionLimits,
  nowMs: number,
): number {
  let totalBytes = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  let expired = 0;
  for (const segment of segments.slice(0, -1)) {
    const next = segments[expired + 1];
    const isTooOld = next !== undefined && nowMs - readUidTimeMs(next.id) > limits.maxAgeMs;
    if (totalBytes <= limits.maxTotalBytes && !isTooOld) break;
    totalBytes -= segment.sizeBytes;
    expired += 1;
  }
  return expired;
}
