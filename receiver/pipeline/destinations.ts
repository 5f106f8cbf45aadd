/** Which remote places the configuration names for log records. */
import type { Destination } from "#exporters/contract.ts";
import type { BatchConfig, LogProcessorConfig } from "#otel-config/config.ts";

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
export async function createDestinations(
  processors: readonly LogProcessorConfig[],
): Promise<ConfiguredDestination[]> {
  const names = new Set<string>();
  const destinations: ConfiguredDestination[] = [];
  for (const processor of processors) {
    const { exporter } = processor;
    if (exporter.kind === "console") continue;
    const destination = await createDestination(exporter, names);
    destinations.push({ destination, batch: processor.kind === "batch" ? processor : simpleBatch });
  }
  return destinations;
}

type RemoteExporter = Exclude<LogProcessorConfig["exporter"], { readonly kind: "console" }>;

/** Each client is loaded by whoever uses it: together they take half a second and 40 MB. */
async function createDestination(exporter: RemoteExporter, names: Set<string>): Promise<Destination> {
  const endpoint = exporter.kind === "elasticsearch" ? (exporter.endpoints[0] ?? "") : exporter.endpoint;
  const name = chooseName(`${exporter.kind}/${new URL(endpoint).host}`, names);
  if (exporter.kind === "elasticsearch") {
    const { createElasticsearchDestination } = await import("#exporters/elasticsearch/destination.ts");
    return createElasticsearchDestination({ ...exporter, name });
  }
  if (exporter.kind === "otlp_grpc") {
    const { createOtlpGrpcLogDestination } = await import("#exporters/otlp/grpc-log-destination.ts");
    return createOtlpGrpcLogDestination({ ...exporter, name });
  }
  const { createOtlpHttpLogDestination } = await import("#exporters/otlp/log-destination.ts");
  return createOtlpHttpLogDestination({ ...exporter, name });
}

/** A destination's name is also that of its cursor, so it must be the same at the next start. */
function chooseName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}/${number}`;
  names.add(name);
  return name;
}
