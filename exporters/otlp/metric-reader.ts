/** Metrics to any OTLP/HTTP endpoint at an interval, by OTel's own reader and exporters. */
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { PeriodicExportingMetricReader, type PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { resolveExporterSettings } from "./http-settings.ts";
import { httpMetricGroup, type OtlpHttpOptions, type OtlpMetricOptions } from "./options.ts";

/** Options that are left out have their declared defaults. Throws a coded error where a file cannot be read. */
export function createOtlpHttpMetricReader(
  given: Partial<OtlpHttpOptions> & ReadingOptions,
): PeriodicExportingMetricReader {
  const options = fillDefaults<OtlpHttpOptions & OtlpMetricOptions>(httpMetricGroup, given);
  const Exporter = options.encoding === "json" ? JsonMetricExporter : ProtobufMetricExporter;
  const settings = resolveExporterSettings(options);
  const temporalityPreference = AggregationTemporalityPreference.CUMULATIVE;
  return createReader(new Exporter({ ...settings, temporalityPreference }), given);
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
