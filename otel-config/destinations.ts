/** Which remote places the configuration names for log records. */
import type { Destination } from "#exporters/contract.ts";
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
    const { kind, ...options } = exporter;
    const name = chooseName(`${kind}/${new URL(exporter.endpoint).host}`, names);
    const destination = createOtlpHttpLogDestination({ name, ...options });
    return [{ destination, batch: processor.kind === "batch" ? processor : simpleBatch }];
  });
}

/** A destination's name is also that of its cursor, so it must be the same at the next start. */
function chooseName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}/${number}`;
  names.add(name);
  return name;
}
