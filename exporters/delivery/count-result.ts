/** Counts what a destination answered, and says what has to be sent again. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "../contract.ts";
import type { DeliveryCounter } from "./counts.ts";

export interface Leftover {
  readonly again: readonly ReadableLogRecord[];
  readonly reason: string;
  readonly retryAfterMs: number;
  readonly isBlocked: boolean;
}

export function countResult(
  counter: DeliveryCounter,
  records: readonly ReadableLogRecord[],
  result: SendResult,
): Leftover {
  const leftover = readLeftover(records, result);
  const { again } = leftover;
  let rejected = 0;
  for (const rejection of readRejections(result)) {
    rejected += rejection.count;
    counter.reject(rejection, records[0]);
  }
  counter.exported += records.length - again.length - rejected;
  counter.pending -= records.length - again.length;
  return leftover;
}

/** For `on_refusal: drop`: the records that a blocked destination did not take are refused for good. */
export function dropBlocked(result: SendResult, count: number): SendResult {
  if (result.kind === "blocked") return { ...result, kind: "rejected", count };
  if (result.kind !== "partial" || result.isBlocked !== true) return result;
  const { again, reason, rejected } = result;
  const [sample] = again;
  const dropped = { reason, count: again.length, ...(sample && { sample }) };
  return { kind: "partial", rejected: [...rejected, dropped], again: [], reason };
}

/** `""` where everything arrived. */
export function readReason(result: SendResult): string {
  return result.kind === "delivered" ? "" : result.reason;
}

function readRejections(result: SendResult): readonly Rejection[] {
  if (result.kind === "rejected") return [result];
  return result.kind === "partial" ? result.rejected : [];
}

function readLeftover(records: readonly ReadableLogRecord[], result: SendResult): Leftover {
  const isBlocked = result.kind === "blocked" || (result.kind === "partial" && result.isBlocked === true);
  const retryAfterMs = "retryAfterMs" in result ? (result.retryAfterMs ?? 0) : 0;
  const reason = readReason(result);
  return { again: readAgain(records, result), reason, retryAfterMs, isBlocked };
}

function readAgain(records: readonly ReadableLogRecord[], result: SendResult): readonly ReadableLogRecord[] {
  if (result.kind === "partial") return result.again;
  return result.kind === "retry" || result.kind === "blocked" ? records : [];
}
