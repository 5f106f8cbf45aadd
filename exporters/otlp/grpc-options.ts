/** What both OTLP/gRPC exporters take: the keys of `otlp_grpc` in OTel's declarative configuration. */
import { credentials, type ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { CodedError } from "../coded-error.ts";
import { type OtlpTlsOptions, readTlsFiles } from "./options.ts";

export interface OtlpGrpcOptions {
  /** `http://host:port` in plain text, `https://host:port` with TLS; gRPC knows no path. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `none` where left out. */
  readonly compression?: "gzip" | "none";
  /** For one export; 10,000 where left out. */
  readonly timeoutMs?: number;
  readonly tls?: OtlpTlsOptions;
}

export interface GrpcSettings {
  /** `host:port`. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly metadata: Metadata;
  readonly timeoutMs: number;
}

/** Throws `OTLP_ENDPOINT_INVALID` or `OTLP_TLS_FILE_UNREADABLE`, naming the value. */
export function resolveGrpcSettings(options: OtlpGrpcOptions): GrpcSettings {
  const url = checkEndpoint(options.endpoint);
  const { ca, key, cert } = readTlsFiles(options.tls ?? {});
  const isSecure = url.protocol === "https:";
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  return {
    address: `${url.hostname}:${url.port || (isSecure ? 443 : 80)}`,
    credentials: isSecure
      ? credentials.createSsl(toBuffer(ca), toBuffer(key), toBuffer(cert))
      : credentials.createInsecure(),
    metadata,
    timeoutMs: options.timeoutMs ?? 10_000,
  };
}

function checkEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === "/") return url;
  const message = `endpoint must be http://host:port or https://host:port, not ${JSON.stringify(endpoint)}.`;
  throw new CodedError("OTLP_ENDPOINT_INVALID", message);
}

function toBuffer(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
