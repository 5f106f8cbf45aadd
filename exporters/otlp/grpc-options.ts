/** What both OTLP/gRPC exporters take: the keys of `otlp_grpc` in OTel's declarative configuration. */
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { credentials, type ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { CodedError } from "../coded-error.ts";
import { type OtlpTlsOptions, readTlsFiles, type TlsFiles } from "./options.ts";

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
  const isSecure = url.protocol === "https:";
  const files = readTlsFiles(options.tls ?? {});
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  return {
    address: `${url.hostname}:${url.port || (isSecure ? 443 : 80)}`,
    credentials: isSecure
      ? createSecureCredentials(url.hostname.replace(/^\[|\]$/g, ""), files)
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

/**
 * grpc-js asks for every server by its name in the TLS handshake, which Node refuses for an IP address. Such a server is
 * asked for by a stand-in, and its certificate is held to the address.
 */
function createSecureCredentials(host: string, { ca, key, cert }: TlsFiles): ChannelCredentials {
  const pems = [toBuffer(ca), toBuffer(key), toBuffer(cert)] as const;
  if (isIP(host) === 0) return credentials.createSsl(...pems);
  const secure = credentials.createSsl(...pems, {
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  });
  const connect = secure._createSecureConnector.bind(secure);
  secure._createSecureConnector = (target, options, callCredentials) =>
    connect(target, { ...options, "grpc.ssl_target_name_override": "localhost" }, callCredentials);
  return secure;
}

function toBuffer(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
