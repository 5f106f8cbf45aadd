/** Sends a batch in halves where the destination finds it too large; what is too large by itself is refused. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "./contract.ts";

/** The whole request was found too large; `reason` is for the case that it was a single record. */
export interface TooLarge {
  readonly kind: "too_large";
  readonly reason: string;
  readonly message: string;
}

/** What a request may hold, whatever the destination would take: encoding ends where a string can be no longer. */
export interface RequestLimit {
  readonly limitBytes: number;
  readonly measure: (records: readonly ReadableLogRecord[]) => number;
}

/** After a part that has to be sent again no further part is tried: they would most likely share its fate. */
export async function sendInParts(
  records: readonly ReadableLogRecord[],
  send: (part: readonly ReadableLogRecord[]) => Promise<SendResult | TooLarge>,
  limit?: RequestLimit,
): Promise<SendResult> {
  const whole = findTooLarge(records, limit) ?? (await send(records));
  if (whole.kind !== "too_large") return whole;
  const { reason, message } = whole;
  if (records.length <= 1) return { ...whole, kind: "rejected", count: records.length };
  const middle = Math.ceil(records.length / 2);
  const [first, second] = [records.slice(0, middle), records.slice(middle)];
  const before = await sendInParts(first, send, limit);
  const isStopped = readAgain([first, before]).length > 0;
  const after: SendResult = isStopped ? { kind: "retry", reason } : await sendInParts(second, send, limit);
  return joinWholeRefusals(before, after) ?? combine([first, before], [second, after], reason || message);
}

/** Refused part by part, and still refused as a whole. */
function joinWholeRefusals(one: SendResult, other: SendResult): SendResult | undefined {
  if (one.kind !== "rejected" || other.kind !== "rejected") return undefined;
  const isWhole = one.isWholeRequest === true && other.isWholeRequest === true;
  return isWhole ? { ...one, count: one.count + other.count } : undefined;
}

function findTooLarge(
  records: readonly ReadableLogRecord[],
  limit: RequestLimit | undefined,
): TooLarge | undefined {
  if (limit === undefined) return undefined;
  const sizeBytes = limit.measure(records);
  if (sizeBytes <= limit.limitBytes) return undefined;
  const message = `${sizeBytes} bytes are more than max_request_size allows (${limit.limitBytes})`;
  return { kind: "too_large", reason: "max_request_size", message };
}

type Part = readonly [records: readonly ReadableLogRecord[], result: SendResult];

function combine(before: Part, after: Part, reason: string): SendResult {
  const parts = [before, after];
  const rejected = parts.flatMap(readRejections);
  const again = parts.flatMap(readAgain);
  if (rejected.length === 0 && again.length === 0) return { kind: "delivered" };
  const failed = parts.find((part) => readAgain(part).length > 0)?.[1];
  if (failed?.kind === "blocked")
    return { kind: "partial", reason: failed.reason, isBlocked: true, rejected, again };
  const why = failed?.kind === "retry" || failed?.kind === "partial" ? failed : { reason };
  return { ...why, kind: "partial", rejected, again };
}

function readRejections([records, result]: Part): Rejection[] {
  const [sample] = records;
  if (result.kind === "partial") return [...result.rejected];
  if (result.kind !== "rejected") return [];
  const { kind: _, isWholeRequest: __, ...rejection } = result;
  return [{ ...(sample && { sample }), ...rejection }];
}

function readAgain([records, result]: Part): readonly ReadableLogRecord[] {
  if (result.kind === "retry" || result.kind === "blocked") return records;
  return result.kind === "partial" ? result.again : [];
}
