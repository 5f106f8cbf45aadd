/** The time that `--since` means. */
import { UsageError } from "./command.ts";

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds since 1970 of an RFC 3339 time, a date, or an age such as `15m`. Throws `UsageError`. */
export function parseSince(text: string, nowMs: number = Date.now()): number {
  const [, amount, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (amount !== undefined && unitMs !== undefined) return nowMs - Number(amount) * unitMs;
  const isTime = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  const timeMs = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UsageError(
      `--since ${text}: a time such as 2026-08-01T12:00:00Z or an age such as 90s, 15m, 2h or 7d is wanted`,
    );
  }
  return timeMs;
}
