import { limitDelayMs } from "./clock.ts";

/** Seconds or an HTTP date (RFC 9110 section 10.2.3), limited as every sleep is; `undefined` for anything else. */
export function readRetryAfterMs(value: string | undefined, nowMs: number = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return limitDelayMs(Number(value) * 1000);
  // Every form of an HTTP date begins with the day of the week; JavaScript takes a mere number for a year or a month.
  const atMs = /^\s*[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : limitDelayMs(atMs - nowMs);
}
