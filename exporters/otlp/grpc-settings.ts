/** The options of OTLP/gRPC as a channel takes them. */
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { credentials, type ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { BoundedGrpcClient } from "../bounded-grpc.ts";
import { LARGEST_BACKEND_ANSWER_BYTES } from "../bounded-request.ts";
import { joinHeaders, type OtlpOptions } from "./options.ts";
import { readTlsFiles, type TlsFiles } from "./tls-files.ts";

export interface GrpcSettings {
  /** `host:port`. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly metadata: Metadata;
  readonly timeoutMs: number;
}

/** Throws `OTLP_TLS_FILE_UNREADABLE`, naming the file. */
export function resolveGrpcSettings(options: OtlpOptions): GrpcSettings {
  const url = new URL(options.endpoint);
  const isSecure = url.protocol === "https:";
  const files = readTlsFiles(options.tls);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(joinHeaders(options))) metadata.set(name, value);
  return {
    address: `${url.hostname}:${url.port || (isSecure ? 443 : 80)}`,
    credentials: isSecure
      ? createSecureCredentials(url.hostname.replace(/^\[|\]$/g, ""), files)
      : credentials.createInsecure(),
    metadata,
    timeoutMs: options.timeoutMs,
  };
}

const GZIP = 2;

/** For one signal: both have the same limits. */
export function createGrpcClient(
  { address, credentials: secure }: GrpcSettings,
  compression: OtlpOptions["compression"],
): BoundedGrpcClient {
  return new BoundedGrpcClient(address, secure, {
    "grpc.max_receive_message_length": LARGEST_BACKEND_ANSWER_BYTES,
    ...(compression === "gzip" && { "grpc.default_compression_algorithm": GZIP }),
  });
}

/**
 * grpc-js asks for every server by its name in the TLS handshake, which Node refuses for an IP address. Such a server is
 * asked for by a stand-in, and its certificate is held to the address.
 */
function createSecureCredentials(host: string, { ca, key, cert }: TlsFiles): ChannelCredentials {
  const pems = [toBuffer(ca), toBuffer(key), toBuffer(cert)] as const;
  const rejectUnauthorized = true;
  if (isIP(host) === 0) return credentials.createSsl(...pems, { rejectUnauthorized });
  const secure = credentials.createSsl(...pems, {
    rejectUnauthorized,
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
