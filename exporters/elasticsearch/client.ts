/** Elastic's client as the destination uses it. */
import { readFileSync } from "node:fs";
import { Client, Transport } from "@elastic/elasticsearch";
import type { ClientOptions } from "@elastic/elasticsearch";
import { CodedError } from "../coded-error.ts";
import { createConnectionClass } from "./bounded-connection.ts";
import type { ElasticsearchOptions } from "./options.ts";

/**
 * Throws `ELASTICSEARCH_CA_FILE_UNREADABLE`. Everything else was checked with the configuration.
 * The client sends each request once and asks the cluster nothing by itself: trying again is for the delivery to do,
 * and an API key that may only create documents is enough.
 */
export function createClient(options: ElasticsearchOptions): Client {
  const { endpoint, endpoints, caFile, timeoutMs } = options;
  return new Client({
    nodes: [...(endpoints ?? [endpoint])],
    ...readCredentials(options),
    tls: { rejectUnauthorized: true, ...(caFile === undefined ? {} : { ca: readCa(caFile) }) },
    Transport: SilentTransport,
    Connection: createConnectionClass(timeoutMs),
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

function readCredentials({ apiKey, username, password }: ElasticsearchOptions): Pick<ClientOptions, "auth"> {
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
