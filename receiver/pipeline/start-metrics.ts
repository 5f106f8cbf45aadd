/** The metric readers of the configuration, under one MeterProvider with the program's resource. */
import type { Attributes } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import type { IMetricReader, MetricProducer } from "@opentelemetry/sdk-metrics";
import { startPrometheusReader } from "#exporters/prometheus/prometheus-reader.ts";
import type { MetricReaderConfig } from "#otel-config/config.ts";

/** Rejects, with nothing left running, when a reader cannot start. Disposing flushes once and closes. */
export async function startMetrics(
  configs: readonly MetricReaderConfig[],
  resourceAttributes: Attributes,
  metricProducers: readonly MetricProducer[],
): Promise<AsyncDisposable> {
  const readers: IMetricReader[] = [];
  try {
    for (const config of configs) readers.push(await startReader(config, [...metricProducers]));
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.shutdown()));
    throw error;
  }
  const provider = new MeterProvider({ resource: resourceFromAttributes(resourceAttributes), readers });
  return { [Symbol.asyncDispose]: () => provider.shutdown() };
}

async function startReader(
  config: MetricReaderConfig,
  metricProducers: MetricProducer[],
): Promise<IMetricReader> {
  if (config.kind === "pull") {
    const { host, port, withoutScopeInfo, withoutTargetInfo, resourceLabelPattern } = config.exporter;
    return startPrometheusReader({
      host,
      port,
      withScopeInfo: !withoutScopeInfo,
      withoutTargetInfo,
      ...(resourceLabelPattern === undefined
        ? {}
        : { withResourceConstantLabels: new RegExp(resourceLabelPattern) }),
      metricProducers,
    });
  }
  const { intervalMs, timeoutMs, exporter } = config;
  if (exporter.kind === "console") {
    return new PeriodicExportingMetricReader({
      exporter: new ConsoleMetricExporter(),
      exportIntervalMillis: intervalMs,
      exportTimeoutMillis: timeoutMs,
      metricProducers,
    });
  }
  const reading = { intervalMs, exportTimeoutMs: timeoutMs, metricProducers };
  // Loaded only where the configuration asks for them: gRPC is a megabyte of code.
  if (exporter.kind === "otlp_grpc") {
    const { createOtlpGrpcMetricReader } = await import("#exporters/otlp/grpc-metric-reader.ts");
    return createOtlpGrpcMetricReader({ ...exporter, ...reading });
  }
  const { createOtlpHttpMetricReader } = await import("#exporters/otlp/metric-reader.ts");
  return createOtlpHttpMetricReader({ ...exporter, ...reading });
}
