/** Metrics to any OTLP endpoint at an interval, by OTel's own reader and exporters. */
import { OTLPMetricExporter as GrpcMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import {
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { type OtlpGrpcOptions, resolveGrpcSettings } from "./grpc-options.ts";
import { type OtlpHttpOptions, resolveExporterSettings } from "./options.ts";

interface ReaderOptions {
  /** Between two exports; 60,000 where left out. */
  readonly intervalMs?: number;
  /** For collecting and exporting once; 30,000, or the interval if that is less, where left out. */
  readonly exportTimeoutMs?: number;
  /** `cumulative` where left out. */
  readonly temporalityPreference?: "cumulative" | "delta" | "low_memory";
  readonly metricProducers?: readonly MetricProducer[];
}

export interface OtlpHttpMetricOptions extends OtlpHttpOptions, ReaderOptions {}

export interface OtlpGrpcMetricOptions extends OtlpGrpcOptions, ReaderOptions {}

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

/** The same by gRPC. An export that fails is not repeated: the next one carries the sums on. */
export function createOtlpGrpcMetricReader(options: OtlpGrpcMetricOptions): PeriodicExportingMetricReader {
  const { address, credentials, metadata, timeoutMs } = resolveGrpcSettings(options);
  const exporter = new GrpcMetricExporter({
    url: `http://${address}`,
    credentials,
    metadata,
    timeoutMillis: timeoutMs,
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    temporalityPreference: readTemporality(options),
  });
  return createReader(exporter, options);
}

function readTemporality({
  temporalityPreference = "cumulative",
}: ReaderOptions): AggregationTemporalityPreference {
  return TEMPORALITY[temporalityPreference];
}

function createReader(exporter: PushMetricExporter, options: ReaderOptions): PeriodicExportingMetricReader {
  const exportIntervalMillis = options.intervalMs ?? 60_000;
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis: options.exportTimeoutMs ?? Math.min(30_000, exportIntervalMillis),
    metricProducers: [...(options.metricProducers ?? [])],
  });
}
