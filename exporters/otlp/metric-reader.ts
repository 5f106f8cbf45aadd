/** Metrics to any OTLP/HTTP endpoint at an interval, by OTel's own reader and exporters. */
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { type MetricProducer, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { type OtlpHttpOptions, resolveExporterSettings } from "./options.ts";

export interface OtlpHttpMetricOptions extends OtlpHttpOptions {
  /** Between two exports; 60,000 where left out. */
  readonly intervalMs?: number;
  /** For collecting and exporting once; 30,000, or the interval if that is less, where left out. */
  readonly exportTimeoutMs?: number;
  /** `cumulative` where left out. */
  readonly temporalityPreference?: "cumulative" | "delta" | "low_memory";
  readonly metricProducers?: readonly MetricProducer[];
}

const TEMPORALITY = {
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  delta: AggregationTemporalityPreference.DELTA,
  low_memory: AggregationTemporalityPreference.LOWMEMORY,
} as const;

/** Throws a coded error for options that can never work. */
export function createOtlpHttpMetricReader(options: OtlpHttpMetricOptions): PeriodicExportingMetricReader {
  const settings = {
    ...resolveExporterSettings(options),
    temporalityPreference: TEMPORALITY[options.temporalityPreference ?? "cumulative"],
  };
  const Exporter = options.encoding === "json" ? JsonMetricExporter : ProtobufMetricExporter;
  const exportIntervalMillis = options.intervalMs ?? 60_000;
  return new PeriodicExportingMetricReader({
    exporter: new Exporter(settings),
    exportIntervalMillis,
    exportTimeoutMillis: options.exportTimeoutMs ?? Math.min(30_000, exportIntervalMillis),
    metricProducers: [...(options.metricProducers ?? [])],
  });
}
