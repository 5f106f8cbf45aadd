/** Metrics to any OTLP/gRPC endpoint at an interval, by OTel's own reader and exporter. */
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import type { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { type OtlpGrpcOptions, resolveGrpcSettings } from "./grpc-options.ts";
import { type ReaderOptions, createReader, readTemporality } from "./metric-reader.ts";

export interface OtlpGrpcMetricOptions extends OtlpGrpcOptions, ReaderOptions {}

/**
 * An export that fails is not repeated: the next one carries the sums on. Throws a coded error for options that can
 * never work.
 */
export function createOtlpGrpcMetricReader(options: OtlpGrpcMetricOptions): PeriodicExportingMetricReader {
  const { address, credentials, metadata, timeoutMs } = resolveGrpcSettings(options);
  const exporter = new OTLPMetricExporter({
    url: `http://${address}`,
    credentials,
    metadata,
    timeoutMillis: timeoutMs,
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    temporalityPreference: readTemporality(options),
  });
  return createReader(exporter, options);
}
