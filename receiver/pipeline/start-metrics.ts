/** The metric readers of the configuration, under one MeterProvider with the program's resource. */
import type { Attributes } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { IMetricReader } from "@opentelemetry/sdk-metrics";
import type { ReadingOptions } from "#exporters/exporter-provider.ts";
import type { MetricReaderConfig } from "#otel-config/config.ts";
import { registeredExporters } from "../exporter-registry.ts";
import { SCHEMA_URL } from "../scope.ts";

/** What every reader gets. */
type CommonReading = Pick<ReadingOptions, "metricProducers" | "connections" | "tenants" | "onError">;

/** Rejects, with nothing left running, when a reader cannot start. Disposing flushes once and closes. */
export async function startMetrics(
  configs: readonly MetricReaderConfig[],
  resourceAttributes: Attributes,
  reading: CommonReading,
): Promise<AsyncDisposable> {
  const readers: IMetricReader[] = [];
  try {
    for (const config of configs) readers.push(await startReader(config, reading));
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.shutdown()));
    throw error;
  }
  const resource = resourceFromAttributes(resourceAttributes, { schemaUrl: SCHEMA_URL });
  const provider = new MeterProvider({ resource, readers });
  return { [Symbol.asyncDispose]: () => provider.shutdown() };
}

async function startReader(config: MetricReaderConfig, common: CommonReading): Promise<IMetricReader> {
  const { name, settings } = config.exporter;
  const metrics = registeredExporters().find((exporter) => exporter.name === name)?.metrics;
  if (metrics === undefined) throw new Error(`there is no exporter of metrics ${name}`);
  const reading: ReadingOptions = {
    ...(config.kind === "periodic" && { intervalMs: config.intervalMs, exportTimeoutMs: config.timeoutMs }),
    ...common,
  };
  // The settings were read by the exporter's own declaration.
  return metrics.create({ ...settings, ...reading } as never);
}
