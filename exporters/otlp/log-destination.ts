/** Log records to any OTLP/HTTP endpoint, by OTel's own exporter. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { createOtlpNetworkExportDelegate, OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { createOtlpHttpExporterMetrics } from "@opentelemetry/otlp-exporter-base/node-http";
import { LogsExporterMetricsHelper, ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { DestinationOptions } from "../client-settings.ts";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";
import type { Destination, SendResult } from "../contract.ts";
import { encodeLogs } from "../encode-logs.ts";
import { findFault, findRedirection, isHtml } from "../http-status.ts";
import { estimateRequestBytes } from "../record-size.ts";
import { sendInParts, type TooLarge } from "../send-in-parts.ts";
import { fillDefaults } from "../setting.ts";
import { resolveExporterSettings } from "./http-settings.ts";
import { createHttpTransport } from "./http-transport.ts";
import { jsonLogsSerializer } from "./json-serializer.ts";
import { httpLogGroup, type OtlpHttpOptions } from "./options.ts";
import { type LogsSerializer, PartialSuccessWatch } from "./partial-success.ts";
import { type LastResponse, ResponseWatch } from "./response-watch.ts";

/** A refusal's text is for people; a whole error page is not. */
const MAX_MESSAGE_LENGTH = 500;

/** One for each URL that requests were redirected to. */
const MOST_EXPORTERS = 8;

const protobufSerializer: typeof ProtobufLogsSerializer = {
  serializeRequest: encodeLogs,
  deserializeResponse: (bytes) => ProtobufLogsSerializer.deserializeResponse(bytes),
};

/**
 * `name` is that of the cursor and of the metrics; two destinations need two names. Options that are left out have their declared
 * defaults. Throws a coded error where a file cannot be read; an endpoint that cannot be reached is no error.
 */
export function createOtlpHttpLogDestination({
  name = "otlp_http",
  ...given
}: Partial<OtlpHttpOptions & DestinationOptions> & { readonly name?: string }): Destination {
  const options = fillDefaults<OtlpHttpOptions & DestinationOptions>(httpLogGroup, given);
  const settings = resolveExporterSettings(options);
  const isSecure = settings.url.startsWith("https:");
  const agent = new (isSecure ? HttpsAgent : HttpAgent)(settings.httpAgentOptions);
  const partialSuccess = new PartialSuccessWatch();
  const isJson = options.encoding === "json";
  const serializer = partialSuccess.listen(isJson ? jsonLogsSerializer : protobufSerializer);
  const contentType = isJson ? "application/json" : "application/x-protobuf";
  const exporters = new Map<string, Exporter>();
  const exporterFor = (url: string): Exporter => {
    const known = exporters.get(url);
    if (known !== undefined) return known;
    // A server that redirects to ever new places must not fill the memory.
    for (const other of exporters.keys())
      if (exporters.size > MOST_EXPORTERS && other !== settings.url) exporters.delete(other);
    const exporter = createExporter({ ...settings, url }, agent, serializer, contentType);
    exporters.set(url, exporter);
    return exporter;
  };
  const watch = new ResponseWatch(agent);
  const sendPart = async (
    part: readonly ReadableLogRecord[],
    url = settings.url,
    redirections = 0,
  ): Promise<SendResult | TooLarge> => {
    watch.take();
    partialSuccess.take(0);
    try {
      const result = await exportRecords(exporterFor(url), part);
      const last = watch.take();
      const redirection = last && findRedirection(last, url, redirections);
      if (redirection !== undefined) return await sendPart(part, redirection, redirections + 1);
      const failure = readFailure(result, last, part.length);
      return failure ?? partialSuccess.take(part.length);
    } catch (error) {
      // Only encoding throws, and the same records would not encode the next time either.
      return { kind: "rejected", reason: "encoding", count: part.length, message: readErrorMessage(error) };
    }
  };
  const limit = { limitBytes: options.maxRequestBytes, measure: estimateRequestBytes };
  let earlier: Promise<unknown> = Promise.resolve();
  return {
    name,
    async send(records, signal) {
      // OTel's exporter cannot be stopped, and what passes by on the channel must belong to one export only.
      await earlier;
      const givenUp: SendResult = { kind: "retry", reason: "given_up" };
      const sending = sendInParts(
        records,
        async (part) => (signal.aborted ? givenUp : sendPart(part)),
        limit,
      );
      earlier = sending.catch(() => {});
      return sending;
    },
    async shutdown() {
      watch.close();
      // Requests that hang would be waited for; whatever they carry is still in the log.
      agent.destroy();
      await Promise.all([...exporters.values()].map((exporter) => exporter.shutdown()));
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
  const transport = createHttpTransport(settings, agent, contentType);
  const metrics = createOtlpHttpExporterMetrics(
    "otlp_http_log_exporter",
    LogsExporterMetricsHelper,
    settings.url,
    undefined,
  );
  return new OTLPExporterBase(createOtlpNetworkExportDelegate(settings, serializer, metrics, transport));
}

function exportRecords(exporter: Exporter, records: readonly ReadableLogRecord[]): Promise<ExportResult> {
  return new Promise((resolve) => exporter.export([...records], resolve));
}

/**
 * `undefined` where the request was taken. OTel's exporter reports a refusal with a numeric status, a broken connection
 * with a system error's code, and an exhausted retry with neither.
 */
function readFailure(
  { code, error }: ExportResult,
  last: LastResponse | undefined,
  count: number,
): SendResult | TooLarge | undefined {
  const isAnswered = last !== undefined && findFault(last.status) === "none";
  if (isAnswered && isHtml(last.contentType))
    return { kind: "blocked", reason: "html_answer", message: "the answer is an HTML page" };
  // The exporter also fails on an answer that it finds too long, but the records are there by then.
  if (isAnswered || code === ExportResultCode.SUCCESS) return undefined;
  return readAnswerOfFailure(error, last, count);
}

function readAnswerOfFailure(
  error: Error | undefined,
  last: LastResponse | undefined,
  count: number,
): SendResult | TooLarge {
  const status = readStatus(error) || (last?.status ?? 0);
  if (status === 0) return { kind: "retry", reason: readErrorCode(error) || "no_answer" };
  const result = readRefusal(status, readMessage(error), count);
  const retryAfterMs = last?.retryAfterMs;
  return result.kind === "retry" && retryAfterMs !== undefined ? { ...result, retryAfterMs } : result;
}

function readRefusal(status: number, message: string, count: number): SendResult | TooLarge {
  const refusal = { reason: `http_${status}`, message };
  // The Collector, like much that is written in Go, says 400 where 413 is meant.
  const isTooLarge = status === 400 && message.includes("body too large");
  const fault = isTooLarge ? "size" : findFault(status);
  if (fault === "size") return { kind: "too_large", ...refusal };
  if (fault === "data") return { kind: "rejected", isWholeRequest: true, count, ...refusal };
  if (fault === "destination") return { kind: "blocked", ...refusal };
  return { kind: "retry", reason: refusal.reason };
}

function readStatus(error: Error | undefined): number {
  return error && "code" in error && typeof error.code === "number" ? error.code : 0;
}

function readMessage(error: Error | undefined): string {
  const data = error && "data" in error && typeof error.data === "string" ? error.data : "";
  return (data || readErrorMessage(error)).slice(0, MAX_MESSAGE_LENGTH);
}
