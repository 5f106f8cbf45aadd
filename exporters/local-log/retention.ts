/** Which segments have to go. */
export interface RetentionLimits {
  readonly maxTotalBytes: number;
  readonly maxAgeMs: number;
}

/** Why a segment goes. */
export type Limit = "age" | "size";

/**
 * The limits that the oldest segments are past, one for each that has to go. A segment is as old as its newest record,
 * for which the beginning of the next one stands in; the last segment is being written and never goes. Times are those
 * of `AgeClock`.
 */
export function findPassedLimits(
  segments: readonly { readonly begunMs: number; readonly sizeBytes: number }[],
  limits: RetentionLimits,
  nowMs: number,
): Limit[] {
  let totalBytes = segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  const passed: Limit[] = [];
  for (const segment of segments.slice(0, -1)) {
    const next = segments[passed.length + 1];
    const isTooOld = next !== undefined && nowMs - next.begunMs > limits.maxAgeMs;
    if (totalBytes <= limits.maxTotalBytes && !isTooOld) break;
    totalBytes -= segment.sizeBytes;
    passed.push(isTooOld ? "age" : "size");
  }
  return passed;
}
