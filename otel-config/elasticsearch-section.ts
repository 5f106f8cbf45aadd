/** Reads the exporter `elasticsearch`, which OpenTelemetry's configuration does not have. */
import type { ElasticsearchConfig } from "./config.ts";
import type { Problem } from "./problems.ts";

export interface ElasticsearchSection {
  readonly endpoint?: string | null;
  readonly endpoints?: readonly string[] | null;
  readonly api_key?: string | null;
  readonly username?: string | null;
  readonly password?: string | null;
  readonly ca_file?: string | null;
  readonly data_stream?: string | null;
  readonly compression?: "gzip" | "none" | null;
  readonly timeout?: number | null;
  readonly install_template?: boolean | null;
}

export function readElasticsearch(section: ElasticsearchSection): ElasticsearchConfig {
  const { api_key, username, password, ca_file } = section;
  return {
    kind: "elasticsearch",
    endpoints: section.endpoints ?? [section.endpoint ?? "http://localhost:9200"],
    ...(api_key && { apiKey: api_key }),
    ...(username && password && { username, password }),
    ...(ca_file && { caFile: ca_file }),
    dataStream: section.data_stream ?? "logs-kerntel.otel-default",
    compression: section.compression ?? "gzip",
    timeoutMs: section.timeout ?? 30_000,
    installTemplate: section.install_template ?? false,
  };
}

/** Keys that say the same thing twice; a key with nothing is as good as left out. */
export function findDoubleKeys(section: ElasticsearchSection, path: Problem["path"]): Problem[] {
  const pairs = [
    ["endpoints", "endpoint"],
    ["api_key", "username"],
  ] as const;
  return pairs
    .filter(([key, other]) => section[key] && section[other])
    .map(([key, other]) => ({ path: [...path, key], problem: `${other} is given too; give one of both` }));
}
