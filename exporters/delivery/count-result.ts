/** Books what a destination answered, and says what has to be sent again. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "../contract.ts";
import type { DeliveryCounter } from "./counts.ts";

export interface Leftover {
  readonly again: readonly ReadableLogRecord[];
  readonly reason: string;
  readonly retryAfterMs: number;
}

export function countResult(
  counter: DeliveryCounter,
  records: readonly ReadableLogRecord[],
  result: SendResult,
): Leftover {
  const { again, reason, retryAfterMs } = readLeftover(records, result);
  let rejected = 0;
  for (const rejection of readRejections(result)) {
    rejected += rejection.count;
    counter.reject(rejection, records[0]);
  }
  counter.exported += records.length - again.length - rejected;
  counter.pending -= records.length - again.length;
  return { again, reason, retryAfterMs };
}

function readRejections(result: SendResult): readonly Rejection[] {
  if (result.kind === "rejected") return [result];
  return result.kind === "partial" ? result.rejected : [];
}

function readLeftover(records: readonly ReadableLogRecord[], result: SendResult): Leftover {
  if (result.kind === "delivered" || result.kind === "rejected")
    return { again: [], reason: "", retryAfterMs: 0 };
  const again = result.kind === "retry" ? records : result.again;
  return { again, reason: result.reason, retryAfterMs: result.retryAfterMs ?? 0 };
}
