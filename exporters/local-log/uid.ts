/** Ids of log records: ULIDs that only ever grow, also across restarts and when the clock steps back. */
import { decodeTime, encodeTime, isValid, monotonicFactory } from "ulid";

/** Sorts after every uid and before every other document of a segment. */
export const AFTER_EVERY_UID = "8";

/** Sixteen characters of random part follow the ten of the time. */
const LOWEST_RANDOM_PART = "0".repeat(16);

/**
 * A source of uids, each greater than the one before and than `newestUid`. Restarting within one millisecond, or
 * with a clock that went back, continues from the newest uid's time plus one.
 */
export function createUidSource(newestUid?: string, now: () => number = Date.now): () => string {
  const next = monotonicFactory();
  const floorMs = newestUid !== undefined && isValid(newestUid) ? decodeTime(newestUid) + 1 : 0;
  // The factory keeps the greatest time it was given, so a clock that steps back later is covered by it.
  return () => next(Math.max(now(), floorMs));
}

/** The smallest uid of a time, milliseconds since 1970. */
export function lowestUidAt(timeMs: number): string {
  return encodeTime(Math.max(0, Math.floor(timeMs)), 10) + LOWEST_RANDOM_PART;
}

/** Milliseconds since 1970 of a uid. */
export function readUidTimeMs(uid: string): number {
  return decodeTime(uid);
}

export function isUid(text: string): boolean {
  return text.length === 26 && isValid(text);
}
