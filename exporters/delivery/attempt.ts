/** One try to send a batch: ends with a result whatever the destination does, also when it throws or hangs. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Clock } from "../clock.ts";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";
import type { Destination, SendResult } from "../contract.ts";

export interface AttemptOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** A destination that does not answer in time is left behind: its late answer changes nothing any more. */
export async function attemptToSend(
  destination: Destination,
  records: readonly ReadableLogRecord[],
  { timeoutMs, clock, stop }: AttemptOptions,
): Promise<SendResult> {
  const sent = new AbortController();
  const tooLate = new AbortController();
  const timeout = clock.sleep(timeoutMs, AbortSignal.any([sent.signal, stop])).then((): SendResult => {
    tooLate.abort();
    return { kind: "retry", reason: stop.aborted ? "stopped" : "timeout" };
  });
  try {
    return await Promise.race([sendSafely(destination, records, tooLate.signal), timeout]);
  } finally {
    sent.abort();
  }
}

async function sendSafely(
  destination: Destination,
  records: readonly ReadableLogRecord[],
  signal: AbortSignal,
): Promise<SendResult> {
  try {
    return await destination.send(records, signal);
  } catch (error) {
    return { kind: "retry", reason: readErrorCode(error) || readErrorMessage(error) };
  }
}
