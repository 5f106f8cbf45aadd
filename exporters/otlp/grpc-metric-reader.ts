/** Metrics to any OTLP/gRPC endpoint at an interval, by OTel's own reader and exporter on a channel of ours. */
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import type { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { createGrpcClient, resolveGrpcSettings } from "./grpc-settings.ts";
import { createMetricExporter, createReader } from "./metric-reader.ts";
import { grpcMetricGroup, type OtlpMetricOptions, type OtlpOptions } from "./options.ts";

const EXPORT = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/**
 * An export that fails is not repeated: the next one carries the sums on. Options that are left out have their declared defaults.
 * Throws a coded error where a file cannot be read.
 */
export function createOtlpGrpcMetricReader(
  given: Partial<OtlpOptions> & ReadingOptions,
): PeriodicExportingMetricReader {
  const options = fillDefaults<OtlpOptions & OtlpMetricOptions>(grpcMetricGroup, given);
  const settings = resolveGrpcSettings(options);
  const client = createGrpcClient(settings, options.compression);
  const { address, metadata, timeoutMs } = settings;
  const shared = {
    url: `http://${address}`,
    timeoutMillis: timeoutMs,
    concurrencyLimit: 30,
    // The channel compresses.
    compression: CompressionAlgorithm.NONE,
  };
  const exporter = createMetricExporter(shared, ProtobufMetricsSerializer, {
    async send(request) {
      try {
        return { status: "success", data: await client.call(EXPORT, request, { metadata, timeoutMs }) };
      } catch (error) {
        return { status: "failure", error: error as Error };
      }
    },
    shutdown: () => client.close(),
  });
  return createReader(exporter, given);
}
