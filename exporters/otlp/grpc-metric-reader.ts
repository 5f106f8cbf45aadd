/** Metrics to any OTLP/gRPC endpoint at an interval, by OTel's own reader and exporter. */
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { AggregationTemporalityPreference } from "@opentelemetry/exporter-metrics-otlp-http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import type { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { resolveGrpcSettings } from "./grpc-settings.ts";
import { createReader } from "./metric-reader.ts";
import { grpcMetricGroup, type OtlpMetricOptions, type OtlpOptions } from "./options.ts";

/**
 * An export that fails is not repeated: the next one carries the sums on. Options that are left out have their declared defaults.
 * Throws a coded error where a file cannot be read.
 */
export function createOtlpGrpcMetricReader(
  given: Partial<OtlpOptions> & ReadingOptions,
): PeriodicExportingMetricReader {
  const options = fillDefaults<OtlpOptions & OtlpMetricOptions>(grpcMetricGroup, given);
  const { address, credentials, metadata, timeoutMs } = resolveGrpcSettings(options);
  const exporter = new OTLPMetricExporter({
    url: `http://${address}`,
    credentials,
    metadata,
    timeoutMillis: timeoutMs,
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    temporalityPreference: AggregationTemporalityPreference.CUMULATIVE,
  });
  return createReader(exporter, given);
}
