/** Reads an exporter that sends: `otlp_http` or `console`, the same for log records and metrics. */
import type { OtlpHttpConfig, PushExporterConfig, TlsConfig } from "./config.ts";
import { readPairs } from "./key-value-list.ts";

/** Exactly one of the keys; the schema has checked it. */
export interface PushExporterSection {
  readonly otlp_http?: OtlpHttpSection | null;
  readonly console?: object | null;
}

interface OtlpHttpSection {
  readonly endpoint?: string | null;
  readonly headers?: readonly { readonly name: string; readonly value: string | null }[];
  readonly headers_list?: string | null;
  readonly compression?: "gzip" | "none" | null;
  readonly timeout?: number | null;
  readonly encoding?: "protobuf" | "json" | null;
  readonly tls?: {
    readonly ca_file?: string | null;
    readonly cert_file?: string | null;
    readonly key_file?: string | null;
  } | null;
}

export function readPushExporter(
  section: PushExporterSection,
  signal: "logs" | "metrics",
): PushExporterConfig {
  return "otlp_http" in section ? readOtlpHttp(section.otlp_http ?? {}, signal) : { kind: "console" };
}

function readOtlpHttp(section: OtlpHttpSection, signal: "logs" | "metrics"): OtlpHttpConfig {
  return {
    kind: "otlp_http",
    endpoint: section.endpoint ?? `http://localhost:4318/v1/${signal}`,
    headers: readHeaders(section),
    compression: section.compression ?? "none",
    timeoutMs: section.timeout ?? 10_000,
    encoding: section.encoding ?? "protobuf",
    tls: readTls(section.tls ?? {}),
  };
}

/** `headers` wins over `headers_list`; a header without a value is left out. */
function readHeaders({ headers = [], headers_list }: OtlpHttpSection): Record<string, string> {
  const listed = readPairs(headers_list ?? "") ?? [];
  const given = headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return Object.fromEntries([...listed, ...given]);
}

function readTls({ ca_file, cert_file, key_file }: NonNullable<OtlpHttpSection["tls"]>): TlsConfig {
  return {
    ...(ca_file && { caFile: ca_file }),
    ...(cert_file && { certFile: cert_file }),
    ...(key_file && { keyFile: key_file }),
  };
}
