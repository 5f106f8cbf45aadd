/** What the Elasticsearch destination takes, and the client made of it. */
import { readFileSync } from "node:fs";
import { Client, HttpConnection, Transport } from "@elastic/elasticsearch";
import type { ClientOptions } from "@elastic/elasticsearch";
import { CodedError } from "../coded-error.ts";

export const DEFAULT_DATA_STREAM = "logs-kerntel.otel-default";

export interface ElasticsearchOptions {
  /** Full URLs of nodes of one cluster; they take turns. */
  readonly endpoints: readonly string[];
  /** Names the cursor and the metrics; two destinations need two names. `elasticsearch` where left out. */
  readonly name?: string;
  /** The encoded form, as Kibana shows it. Secret. */
  readonly apiKey?: string;
  /** Both or none; secret. */
  readonly username?: string;
  readonly password?: string;
  /** PEM file of the authorities to trust instead of the system's. */
  readonly caFile?: string;
  /** `logs-kerntel.otel-default` where left out. */
  readonly dataStream?: string;
  /** `gzip` where left out. */
  readonly compression?: "gzip" | "none";
  /** For one request; 30,000 where left out. */
  readonly timeoutMs?: number;
  /** Whether to install types for our own attributes before the first records are sent; no where left out. */
  readonly installTemplate?: boolean;
}

/**
 * Throws `ELASTICSEARCH_ENDPOINT_INVALID`, `ELASTICSEARCH_CREDENTIALS_INVALID` or `ELASTICSEARCH_CA_FILE_UNREADABLE`.
 * The client sends each request once and asks the cluster nothing by itself: trying again is for the delivery to do,
 * and an API key that may only create documents is enough.
 */
export function createClient(options: ElasticsearchOptions): Client {
  const { caFile, timeoutMs = 30_000 } = options;
  return new Client({
    nodes: options.endpoints.map(checkEndpoint),
    ...readCredentials(options),
    ...(caFile === undefined ? {} : { tls: { ca: readCa(caFile) } }),
    Transport: SilentTransport,
    Connection: HttpConnection,
    compression: options.compression !== "none",
    requestTimeout: timeoutMs,
    maxRetries: 0,
    resurrectStrategy: "none",
    enableMetaHeader: false,
  });
}

/** Answers are judged by what they say, not by a header that a proxy may have taken away. */
class SilentTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    const { productCheck: _, ...rest } = options;
    super({ ...rest, openTelemetry: { enabled: false } });
  }
}

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return endpoint;
  const shown = url ? `${url.protocol}//${url.host}` : JSON.stringify(endpoint);
  const message = `endpoint must be a full http or https URL without user and password, not ${shown}.`;
  throw new CodedError("ELASTICSEARCH_ENDPOINT_INVALID", message);
}

function readCredentials(options: ElasticsearchOptions): Pick<ClientOptions, "auth"> {
  const { apiKey, username, password } = options;
  const isHalf = (username === undefined) !== (password === undefined);
  if (isHalf || (apiKey !== undefined && username !== undefined)) {
    const message = "give api_key, or username and password, or none of them.";
    throw new CodedError("ELASTICSEARCH_CREDENTIALS_INVALID", message);
  }
  if (apiKey !== undefined) return { auth: { apiKey } };
  return username === undefined || password === undefined ? {} : { auth: { username, password } };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CodedError("ELASTICSEARCH_CA_FILE_UNREADABLE", `ca_file ${file} cannot be read.`, error);
  }
}
