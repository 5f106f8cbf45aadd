/** Metrics to any OTLP/HTTP endpoint at an interval, by OTel's own reader and exporter. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporterBase,
} from "@opentelemetry/exporter-metrics-otlp-http";
import {
  createOtlpNetworkExportDelegate,
  type IExporterTransport,
  type OtlpSharedConfiguration,
} from "@opentelemetry/otlp-exporter-base";
import { createOtlpHttpExporterMetrics } from "@opentelemetry/otlp-exporter-base/node-http";
import {
  JsonMetricsSerializer,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
} from "@opentelemetry/otlp-transformer";
import { PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { resolveExporterSettings } from "./http-settings.ts";
import { createHttpTransport } from "./http-transport.ts";
import { httpMetricGroup, type OtlpHttpOptions, type OtlpMetricOptions } from "./options.ts";

/**
 * An export that fails is not repeated: the next one carries the sums on. Options that are left out have their declared defaults.
 * Throws a coded error where a file cannot be read.
 */
export function createOtlpHttpMetricReader(
  given: Partial<OtlpHttpOptions> & ReadingOptions,
): PeriodicExportingMetricReader {
  const options = fillDefaults<OtlpHttpOptions & OtlpMetricOptions>(httpMetricGroup, given);
  const isJson = options.encoding === "json";
  const settings = resolveExporterSettings(options);
  const agent = new (settings.url.startsWith("https:") ? HttpsAgent : HttpAgent)(settings.httpAgentOptions);
  const transport = createHttpTransport(
    settings,
    agent,
    isJson ? "application/json" : "application/x-protobuf",
  );
  const serializer = isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return createReader(createMetricExporter(settings, serializer, transport), given);
}

/** What OTel's metric exporters do in their constructors, which let nobody choose how requests are sent. */
export function createMetricExporter(
  settings: OtlpSharedConfiguration & { readonly url: string },
  serializer: typeof JsonMetricsSerializer,
  transport: IExporterTransport,
): PushMetricExporter {
  const metrics = createOtlpHttpExporterMetrics(
    "otlp_metric_exporter",
    MetricsExporterMetricsHelper,
    settings.url,
    undefined,
  );
  const delegate = createOtlpNetworkExportDelegate(settings, serializer, metrics, transport);
  return new OTLPMetricExporterBase(delegate, {
    temporalityPreference: AggregationTemporalityPreference.CUMULATIVE,
  });
}

export function createReader(
  exporter: PushMetricExporter,
  options: ReadingOptions,
): PeriodicExportingMetricReader {
  const exportIntervalMillis = options.intervalMs ?? 60_000;
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis: options.exportTimeoutMs ?? Math.min(30_000, exportIntervalMillis),
    metricProducers: [...(options.metricProducers ?? [])],
  });
}
