/** Log records to any OTLP/HTTP endpoint, by OTel's own exporter. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import {
  JsonLogsSerializer,
  LogsExporterMetricsHelper,
  ProtobufLogsSerializer,
} from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";
import type { Destination, SendResult } from "../contract.ts";
import { sendInParts, type TooLarge } from "../send-in-parts.ts";
import { fillDefaults } from "../setting.ts";
import { resolveExporterSettings } from "./http-settings.ts";
import { httpLogGroup, type OtlpHttpOptions } from "./options.ts";
import { type LogsSerializer, PartialSuccessWatch } from "./partial-success.ts";
import { type LastResponse, ResponseWatch } from "./response-watch.ts";

/** A refusal's text is for people; a whole error page is not. */
const MAX_MESSAGE_LENGTH = 500;

/**
 * `name` is that of the cursor and of the metrics; two destinations need two names. Options that are left out have their declared
 * defaults. Throws a coded error where a file cannot be read; an endpoint that cannot be reached is no error.
 */
export function createOtlpHttpLogDestination({
  name = "otlp_http",
  ...given
}: Partial<OtlpHttpOptions> & { readonly name?: string }): Destination {
  const options = fillDefaults<OtlpHttpOptions>(httpLogGroup, given);
  const settings = resolveExporterSettings(options);
  const isSecure = settings.url.startsWith("https:");
  const agent = new (isSecure ? HttpsAgent : HttpAgent)(settings.httpAgentOptions);
  const partialSuccess = new PartialSuccessWatch();
  const isJson = options.encoding === "json";
  const exporter = createExporter(
    settings,
    agent,
    partialSuccess.listen(isJson ? JsonLogsSerializer : ProtobufLogsSerializer),
    isJson ? "application/json" : "application/x-protobuf",
  );
  const watch = new ResponseWatch(agent);
  const sendPart = async (part: readonly ReadableLogRecord[]): Promise<SendResult | TooLarge> => {
    watch.take();
    partialSuccess.take(0);
    try {
      const result = await exportRecords(exporter, part);
      const failure = readFailure(result, watch.take(), part.length);
      return failure ?? partialSuccess.take(part.length);
    } catch (error) {
      // Only encoding throws, and the same records would not encode the next time either.
      return { kind: "rejected", reason: "encoding", count: part.length, message: readErrorMessage(error) };
    }
  };
  let earlier: Promise<unknown> = Promise.resolve();
  return {
    name,
    async send(records, signal) {
      // OTel's exporter cannot be stopped, and what passes by on the channel must belong to one export only.
      await earlier;
      const givenUp: SendResult = { kind: "retry", reason: "given_up" };
      const sending = sendInParts(records, async (part) => (signal.aborted ? givenUp : sendPart(part)));
      earlier = sending.catch(() => {});
      return sending;
    },
    async shutdown() {
      watch.close();
      // Requests that hang would be waited for; whatever they carry is still in the log.
      agent.destroy();
      await exporter.shutdown();
    },
  };
}

type Exporter = OTLPExporterBase<ReadableLogRecord[]>;

/** What OTel's two log exporters do in their constructors, which let nobody see the answer. */
function createExporter(
  settings: ReturnType<typeof resolveExporterSettings>,
  agent: HttpAgent | HttpsAgent,
  serializer: LogsSerializer,
  contentType: string,
): Exporter {
  const { url, headers, compression, timeoutMillis } = settings;
  const delegate = createOtlpHttpExportDelegate(
    {
      url,
      compression,
      timeoutMillis,
      concurrencyLimit: 30,
      headers: () => Promise.resolve({ ...headers, "Content-Type": contentType }),
      agentFactory: () => agent,
    },
    serializer,
    "otlp_http_log_exporter",
    LogsExporterMetricsHelper,
    undefined,
  );
  return new OTLPExporterBase(delegate);
}

function exportRecords(exporter: Exporter, records: readonly ReadableLogRecord[]): Promise<ExportResult> {
  return new Promise((resolve) => exporter.export([...records], resolve));
}

/**
 * `undefined` where the request was taken. OTel's exporter tells a refusal by a numeric status, a broken connection by
 * a system error's code, and an exhausted retry by neither. Which statuses may be tried again is for the OTLP
 * specification to say ("Failures" of OTLP/HTTP), and the exporter follows it: a status that comes as a refusal is final.
 */
function readFailure(
  { code, error }: ExportResult,
  last: LastResponse | undefined,
  count: number,
): SendResult | TooLarge | undefined {
  const isAccepted = last !== undefined && last.status >= 200 && last.status < 300;
  // The exporter also fails on an answer that it finds too long, but the records are there by then.
  if (code === ExportResultCode.SUCCESS || isAccepted) return undefined;
  const status = readStatus(error);
  const refusal = { reason: `http_${status}`, message: readMessage(error) };
  // The Collector, like much that is written in Go, says 400 where 413 is meant.
  const isTooLarge = status === 413 || (status === 400 && refusal.message.includes("body too large"));
  if (isTooLarge) return { kind: "too_large", ...refusal };
  if (status > 0) return { kind: "rejected", count, ...refusal };
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
