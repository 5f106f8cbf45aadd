/** Hears of log records that a receiver refused though it took the request; OTel's exporters only print that. */
import type { IExportLogsServiceResponse, ISerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { SendResult } from "../contract.ts";

export type LogsSerializer = ISerializer<ReadableLogRecord[], IExportLogsServiceResponse>;

export class PartialSuccessWatch {
  #last: IExportLogsServiceResponse | undefined;

  /** The same serializer, with an ear on the answers it reads. */
  listen(serializer: LogsSerializer): LogsSerializer {
    return {
      serializeRequest: (records) => serializer.serializeRequest(records),
      deserializeResponse: (data) => {
        this.#last = serializer.deserializeResponse(data);
        return this.#last;
      },
    };
  }

  /** What the latest answer since the last call means for a request of so many records. */
  take(count: number): SendResult {
    const last = this.#last;
    this.#last = undefined;
    return readPartialSuccess(last, count);
  }
}

/** A message without refused records is a warning; the records are there. */
export function readPartialSuccess(
  response: IExportLogsServiceResponse | undefined,
  sentCount: number,
): SendResult {
  const { rejectedLogRecords, errorMessage } = response?.partialSuccess ?? {};
  // Compared, not converted: JSON has 64-bit numbers as text, whatever the type says.
  const count = Math.min(rejectedLogRecords ?? 0, sentCount) || 0;
  if (count <= 0) return { kind: "delivered" };
  const message = (errorMessage ?? "").slice(0, 500);
  return { kind: "rejected", reason: "partial_success", count, message };
}
