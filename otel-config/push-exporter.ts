/** Reads an exporter that sends: `otlp_http`, `otlp_grpc` or `console`, the same for log records and metrics. */
import type { OtlpGrpcConfig, OtlpHttpConfig, PushExporterConfig, TlsConfig } from "./config.ts";
import { readPairs } from "./key-value-list.ts";

/** Exactly one of the keys; the schema has checked it. */
export interface PushExporterSection {
  readonly otlp_http?: OtlpHttpSection | null;
  readonly otlp_grpc?: OtlpSection | null;
  readonly console?: object | null;
}

interface OtlpSection {
  readonly endpoint?: string | null;
  readonly headers?: readonly { readonly name: string; readonly value: string | null }[];
  readonly headers_list?: string | null;
  readonly compression?: "gzip" | "none" | null;
  readonly timeout?: number | null;
  readonly tls?: {
    readonly ca_file?: string | null;
    readonly cert_file?: string | null;
    readonly key_file?: string | null;
  } | null;
}

interface OtlpHttpSection extends OtlpSection {
  readonly encoding?: "protobuf" | "json" | null;
}

export function readPushExporter(
  section: PushExporterSection,
  signal: "logs" | "metrics",
): PushExporterConfig {
  if ("otlp_http" in section) return readOtlpHttp(section.otlp_http ?? {}, signal);
  return "otlp_grpc" in section ? readOtlpGrpc(section.otlp_grpc ?? {}) : { kind: "console" };
}

function readOtlpHttp(section: OtlpHttpSection, signal: "logs" | "metrics"): OtlpHttpConfig {
  return {
    kind: "otlp_http",
    endpoint: section.endpoint ?? `http://localhost:4318/v1/${signal}`,
    encoding: section.encoding ?? "protobuf",
    ...readShared(section),
  };
}

function readOtlpGrpc(section: OtlpSection): OtlpGrpcConfig {
  return { kind: "otlp_grpc", endpoint: section.endpoint ?? "http://localhost:4317", ...readShared(section) };
}

function readShared(section: OtlpSection): Omit<OtlpGrpcConfig, "kind" | "endpoint"> {
  return {
    headers: readHeaders(section),
    compression: section.compression ?? "none",
    timeoutMs: section.timeout ?? 10_000,
    tls: readTls(section.tls ?? {}),
  };
}

/** `headers` wins over `headers_list`; a header without a value is left out. */
function readHeaders({ headers = [], headers_list }: OtlpSection): Record<string, string> {
  const listed = readPairs(headers_list ?? "") ?? [];
  const given = headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return Object.fromEntries([...listed, ...given]);
}

function readTls({ ca_file, cert_file, key_file }: NonNullable<OtlpSection["tls"]>): TlsConfig {
  return {
    ...(ca_file && { caFile: ca_file }),
    ...(cert_file && { certFile: cert_file }),
    ...(key_file && { keyFile: key_file }),
  };
}
