/** Sends a batch in halves where the destination finds it too large; what is too large by itself is refused. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "./contract.ts";

/** The whole request was found too large; `reason` is for the case that it was a single record. */
export interface TooLarge {
  readonly kind: "too_large";
  readonly reason: string;
  readonly message: string;
}

/** After a part that has to be sent again no further part is tried: they would most likely share its fate. */
export async function sendInParts(
  records: readonly ReadableLogRecord[],
  send: (part: readonly ReadableLogRecord[]) => Promise<SendResult | TooLarge>,
): Promise<SendResult> {
  const whole = await send(records);
  if (whole.kind !== "too_large") return whole;
  const { reason, message } = whole;
  if (records.length <= 1) return { ...whole, kind: "rejected", count: records.length };
  const middle = Math.ceil(records.length / 2);
  const [first, second] = [records.slice(0, middle), records.slice(middle)];
  const before = await sendInParts(first, send);
  const isStopped = readAgain([first, before]).length > 0;
  const after: SendResult = isStopped ? { kind: "retry", reason } : await sendInParts(second, send);
  return combine([first, before], [second, after], reason || message);
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
