/** Metrics to any OTLP/HTTP endpoint at an interval, by OTel's own reader and exporters. */
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import {
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { type OtlpHttpOptions, resolveExporterSettings } from "./options.ts";

export interface ReaderOptions {
  /** Between two exports; 60,000 where left out. */
  readonly intervalMs?: number;
  /** For collecting and exporting once; 30,000, or the interval if that is less, where left out. */
  readonly exportTimeoutMs?: number;
  /** `cumulative` where left out. */
  readonly temporalityPreference?: "cumulative" | "delta" | "low_memory";
  readonly metricProducers?: readonly MetricProducer[];
}

export interface OtlpHttpMetricOptions extends OtlpHttpOptions, ReaderOptions {}

const TEMPORALITY = {
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  delta: AggregationTemporalityPreference.DELTA,
  low_memory: AggregationTemporalityPreference.LOWMEMORY,
} as const;

/** Throws a coded error for options that can never work. */
export function createOtlpHttpMetricReader(options: OtlpHttpMetricOptions): PeriodicExportingMetricReader {
  const Exporter = options.encoding === "json" ? JsonMetricExporter : ProtobufMetricExporter;
  const settings = resolveExporterSettings(options);
  return createReader(
    new Exporter({ ...settings, temporalityPreference: readTemporality(options) }),
    options,
  );
}

export function readTemporality({
  temporalityPreference = "cumulative",
}: ReaderOptions): AggregationTemporalityPreference {
  return TEMPORALITY[temporalityPreference];
}

export function createReader(
  exporter: PushMetricExporter,
  options: ReaderOptions,
): PeriodicExportingMetricReader {
  const exportIntervalMillis = options.intervalMs ?? 60_000;
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis: options.exportTimeoutMs ?? Math.min(30_000, exportIntervalMillis),
    metricProducers: [...(options.metricProducers ?? [])],
  });
}
