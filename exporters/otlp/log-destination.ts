/** Log records to any OTLP/HTTP endpoint, by OTel's own exporters. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPLogExporter as JsonLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import type { LogRecordExporter, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";
import type { Destination, SendResult } from "../contract.ts";
import { type OtlpHttpOptions, resolveExporterSettings } from "./options.ts";
import { type LastResponse, ResponseWatch } from "./response-watch.ts";

export interface OtlpHttpLogOptions extends OtlpHttpOptions {
  /** Names the cursor and the metrics; two destinations need two names. `otlp_http` where left out. */
  readonly name?: string;
}

/** A refusal's text is for people; a whole error page is not. */
const MAX_MESSAGE_LENGTH = 500;

/** Throws a coded error for options that can never work; an endpoint that cannot be reached is no error. */
export function createOtlpHttpLogDestination(options: OtlpHttpLogOptions): Destination {
  const settings = resolveExporterSettings(options);
  const isSecure = settings.url.startsWith("https:");
  const agent = new (isSecure ? HttpsAgent : HttpAgent)(settings.httpAgentOptions);
  const exporterOptions = { ...settings, httpAgentOptions: () => agent };
  const Exporter = options.encoding === "json" ? JsonLogExporter : ProtobufLogExporter;
  const exporter: LogRecordExporter = new Exporter(exporterOptions);
  const watch = new ResponseWatch(agent);
  return {
    name: options.name ?? "otlp_http",
    async send(records) {
      watch.take();
      try {
        const result = await exportRecords(exporter, records);
        return readResult(result, watch.take(), records.length);
      } catch (error) {
        // Only encoding throws, and the same records would not encode the next time either.
        return {
          kind: "rejected",
          reason: "encoding",
          count: records.length,
          message: readErrorMessage(error),
        };
      }
    },
    async shutdown() {
      watch.close();
      // Requests that hang would be waited for; whatever they carry is still in the log.
      agent.destroy();
      await exporter.shutdown();
    },
  };
}

function exportRecords(
  exporter: LogRecordExporter,
  records: readonly ReadableLogRecord[],
): Promise<ExportResult> {
  return new Promise((resolve) => exporter.export([...records], resolve));
}

/**
 * OTel's exporter tells a refusal by a numeric status, a broken connection by a system error's code, and an
 * exhausted retry by neither. Which statuses may be tried again is for the OTLP specification to say ("Failures"
 * of OTLP/HTTP), and the exporter follows it: a status that comes as a refusal is final.
 */
function readResult(
  { code, error }: ExportResult,
  last: LastResponse | undefined,
  count: number,
): SendResult {
  const isAccepted = last !== undefined && last.status >= 200 && last.status < 300;
  // The exporter also fails on an answer that it finds too long, but the records are there by then.
  if (code === ExportResultCode.SUCCESS || isAccepted) return { kind: "delivered" };
  const status = readStatus(error);
  if (status > 0) return { kind: "rejected", reason: `http_${status}`, count, message: readMessage(error) };
  if (last === undefined) return { kind: "retry", reason: readErrorCode(error) || "no_answer" };
  const { retryAfterMs } = last;
  return {
    kind: "retry",
    reason: `http_${last.status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function readStatus(error: Error | undefined): number {
  return error && "code" in error && typeof error.code === "number" ? error.code : 0;
}

function readMessage(error: Error | undefined): string {
  const data = error && "data" in error && typeof error.data === "string" ? error.data : "";
  return (data || readErrorMessage(error)).slice(0, MAX_MESSAGE_LENGTH);
}
