/** How OTel's exporters send over HTTP, with the limits that every request of ours has. */
import type { Agent } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  CompressionAlgorithm,
  type ExportResponse,
  type IExporterTransport,
  OTLPExporterError,
} from "@opentelemetry/otlp-exporter-base";
import { type BoundedAnswer, LARGEST_BACKEND_ANSWER_BYTES, requestBounded } from "../bounded-request.ts";
import { readRetryAfterMs } from "../retry-after.ts";
import type { OtlpExporterSettings } from "./http-settings.ts";

/** What may be sent again ("Failures" of OTLP/HTTP). */
const TEMPORARY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends each request once: trying again is for the delivery to do. */
export function createHttpTransport(
  { url, headers, compression, timeoutMillis }: OtlpExporterSettings,
  agent: Agent,
  contentType: string,
): IExporterTransport {
  const { protocol, hostname, port, pathname, search, username, password } = new URL(url);
  const target = {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    path: pathname + search,
    ...(username !== "" && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
    method: "POST",
    agent,
  };
  const isPacked = compression === CompressionAlgorithm.GZIP;
  const own = {
    "User-Agent": "Kerntel",
    ...headers,
    "Content-Type": contentType,
    ...(isPacked && { "Content-Encoding": "gzip" }),
  };
  const limits = { timeoutMs: timeoutMillis, largestAnswerBytes: LARGEST_BACKEND_ANSWER_BYTES };
  return {
    async send(data) {
      const body = isPacked ? await promisify(gzip)(data) : data;
      const sized = { ...own, "Content-Length": body.length };
      try {
        return readAnswer(await requestBounded({ ...target, headers: sized }, body, limits));
      } catch (error) {
        return { status: "retryable", error: error as Error };
      }
    },
    shutdown: () => agent.destroy(),
  };
}

function readAnswer({ status, statusText, headers, body }: BoundedAnswer): ExportResponse {
  if (status <= 299) return { status: "success", data: body };
  if (!TEMPORARY.has(status))
    return { status: "failure", error: new OTLPExporterError(statusText, status, body.toString()) };
  const retryInMillis = readRetryAfterMs(headers["retry-after"]);
  return { status: "retryable", ...(retryInMillis !== undefined && { retryInMillis }) };
}
