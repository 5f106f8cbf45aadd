/** The options of OTLP/HTTP as OTel's own exporters take them. */
import type { AgentOptions } from "node:https";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { joinHeaders } from "./options.ts";
import type { OtlpHttpOptions } from "./options.ts";
import { readTlsFiles } from "./tls-files.ts";

export interface OtlpExporterSettings {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly compression: CompressionAlgorithm;
  readonly timeoutMillis: number;
  readonly concurrencyLimit: number;
  readonly httpAgentOptions: AgentOptions;
}

/**
 * Throws `OTLP_TLS_FILE_UNREADABLE`, naming the file. Every setting is given, so that `OTEL_EXPORTER_OTLP_*` variables
 * change none of them.
 */
export function resolveExporterSettings(options: OtlpHttpOptions): OtlpExporterSettings {
  return {
    url: options.endpoint,
    headers: joinHeaders(options),
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: options.timeoutMs,
    concurrencyLimit: 30,
    httpAgentOptions: { keepAlive: true, rejectUnauthorized: true, ...readTlsFiles(options.tls) },
  };
}
