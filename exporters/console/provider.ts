/** The face of this folder: log records and metrics on the output of the program. */
import type { IMetricReader } from "@opentelemetry/sdk-metrics";
import type { ExporterProvider, ReadingOptions } from "../exporter-provider.ts";

export const consoleExporter: ExporterProvider = {
  name: "console",
  description: "The output of the program, where each log record is one line of JSON.",
  logs: { settings: {}, processors: ["batch", "simple"] },
  metrics: { settings: {}, readers: ["periodic"], create: createMetricReader },
};

/** OTel's own reader and exporter. */
async function createMetricReader({
  intervalMs = 60_000,
  exportTimeoutMs = Math.min(30_000, intervalMs),
  metricProducers = [],
}: ReadingOptions): Promise<IMetricReader> {
  const { ConsoleMetricExporter, PeriodicExportingMetricReader } = await import("@opentelemetry/sdk-metrics");
  return new PeriodicExportingMetricReader({
    exporter: new ConsoleMetricExporter(),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: exportTimeoutMs,
    metricProducers: [...metricProducers],
  });
}
