/** The metric readers of the configuration, under one MeterProvider with the program's resource. */
import type { Attributes } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { IMetricReader, MetricProducer } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { createOtlpGrpcMetricReader, createOtlpHttpMetricReader } from "#exporters/otlp/metric-reader.ts";
import { startPrometheusReader } from "#exporters/prometheus/prometheus-reader.ts";
import type { MetricReaderConfig } from "./config.ts";

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
  // Everything that NodeSDK would otherwise choose from OTEL_* variables is given or switched off here.
  const sdk = new NodeSDK({
    resource: resourceFromAttributes(resourceAttributes),
    autoDetectResources: false,
    metricReaders: readers,
    logRecordProcessors: [],
    spanProcessors: [],
    textMapPropagator: null,
    instrumentations: [],
  });
  sdk.start();
  return { [Symbol.asyncDispose]: () => sdk.shutdown() };
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
  return exporter.kind === "otlp_grpc"
    ? createOtlpGrpcMetricReader({ ...exporter, ...reading })
    : createOtlpHttpMetricReader({ ...exporter, ...reading });
}
