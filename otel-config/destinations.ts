/** Which remote places the configuration names for log records. */
import type { Destination } from "#exporters/contract.ts";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { createOtlpGrpcLogDestination } from "#exporters/otlp/grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import type { BatchConfig, LogProcessorConfig } from "./config.ts";

export interface ConfiguredDestination {
  readonly destination: Destination;
  readonly batch: BatchConfig;
}

/** OTel's simple processor sends each record by itself as soon as it is there. */
const simpleBatch: BatchConfig = {
  scheduleDelayMs: 0,
  exportTimeoutMs: 30_000,
  maxQueueSize: 2_048,
  maxExportBatchSize: 1,
};

/** The console is no destination: it is written to directly, and never catches up from the local log. */
export function createDestinations(processors: readonly LogProcessorConfig[]): ConfiguredDestination[] {
  const names = new Set<string>();
  return processors.flatMap((processor) => {
    const { exporter } = processor;
    if (exporter.kind === "console") return [];
    const destination = createDestination(exporter, names);
    return [{ destination, batch: processor.kind === "batch" ? processor : simpleBatch }];
  });
}

type RemoteExporter = Exclude<LogProcessorConfig["exporter"], { readonly kind: "console" }>;

function createDestination(exporter: RemoteExporter, names: Set<string>): Destination {
  const endpoint = exporter.kind === "elasticsearch" ? (exporter.endpoints[0] ?? "") : exporter.endpoint;
  const name = chooseName(`${exporter.kind}/${new URL(endpoint).host}`, names);
  if (exporter.kind === "elasticsearch") return createElasticsearchDestination({ ...exporter, name });
  if (exporter.kind === "otlp_grpc") return createOtlpGrpcLogDestination({ ...exporter, name });
  return createOtlpHttpLogDestination({ ...exporter, name });
}

/** A destination's name is also that of its cursor, so it must be the same at the next start. */
function chooseName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}/${number}`;
  names.add(name);
  return name;
}
