/** Times of log records as text. */
import type { HrTime } from "@opentelemetry/api";

/** RFC 3339 in UTC with nanoseconds. */
export function formatTime([seconds, nanoseconds]: HrTime): string {
  const [date = ""] = new Date(seconds * 1000).toISOString().split(".");
  return `${date}.${String(nanoseconds).padStart(9, "0")}Z`;
}

/** The time of day in UTC with milliseconds. */
export function formatTimeOfDay(time: HrTime): string {
  return formatTime(time).slice(11, 23);
}
