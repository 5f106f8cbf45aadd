/** What both OTLP/HTTP exporters take: the keys of `otlp_http` in OTel's declarative configuration. */
import { readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { CodedError } from "../coded-error.ts";

export interface OtlpTlsOptions {
  /** PEM file of the authorities to trust instead of the system's. */
  readonly caFile?: string;
  /** PEM files of the client's certificate and its key. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface OtlpHttpOptions {
  /** Full URL, path included. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `none` where left out. */
  readonly compression?: "gzip" | "none";
  /** For one export with OTel's own quick retries; 10,000 where left out. */
  readonly timeoutMs?: number;
  readonly tls?: OtlpTlsOptions;
  /** `protobuf` where left out. */
  readonly encoding?: "protobuf" | "json";
}

export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface OtlpExporterSettings {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly compression: CompressionAlgorithm;
  readonly timeoutMillis: number;
  readonly httpAgentOptions: AgentOptions;
}

/**
 * Throws `OTLP_ENDPOINT_INVALID` or `OTLP_TLS_FILE_UNREADABLE`, naming the value. Every setting is given, so that
 * `OTEL_EXPORTER_OTLP_*` variables change none of them.
 */
export function resolveExporterSettings(options: OtlpHttpOptions): OtlpExporterSettings {
  return {
    url: checkEndpoint(options.endpoint),
    headers: { ...options.headers },
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: options.timeoutMs ?? 10_000,
    httpAgentOptions: { keepAlive: true, ...readTlsFiles(options.tls ?? {}) },
  };
}

function checkEndpoint(endpoint: string): string {
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : "";
  if (protocol === "http:" || protocol === "https:") return endpoint;
  const message = `endpoint must be a full http or https URL, not ${JSON.stringify(endpoint)}.`;
  throw new CodedError("OTLP_ENDPOINT_INVALID", message);
}

/** Throws `OTLP_TLS_FILE_UNREADABLE`. */
export function readTlsFiles({ caFile, certFile, keyFile }: OtlpTlsOptions): TlsFiles {
  return {
    ...(caFile === undefined ? {} : { ca: readPem("ca_file", caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem("cert_file", certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem("key_file", keyFile) }),
  };
}

function readPem(key: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CodedError("OTLP_TLS_FILE_UNREADABLE", `tls.${key} ${file} cannot be read.`, error);
  }
}
