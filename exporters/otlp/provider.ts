/** The face of this folder: log records and metrics to any OTLP endpoint, by HTTP and by gRPC. */
import type { DestinationOptions } from "../client-settings.ts";
import type { ExporterProvider, LogExporter, MetricExporter } from "../exporter-provider.ts";
import { grpcLogGroup, grpcMetricGroup, httpLogGroup, httpMetricGroup } from "./options.ts";
import type { OtlpHttpOptions, OtlpMetricOptions, OtlpOptions } from "./options.ts";

function findHost({ endpoint }: OtlpOptions): string {
  return new URL(endpoint).host;
}

/** Neither user nor query, which may be secrets. */
function findPlace({ endpoint }: OtlpOptions): string {
  const { host, pathname } = new URL(endpoint);
  return `${host}${pathname.replace(/\/+$/, "")}`;
}

const httpLogs: LogExporter<OtlpHttpOptions & DestinationOptions> = {
  ...httpLogGroup,
  processors: ["batch", "simple"],
  findHost,
  findPlace,
  create: async (options) => (await import("./log-destination.ts")).createOtlpHttpLogDestination(options),
};

const httpMetrics: MetricExporter<OtlpHttpOptions & OtlpMetricOptions> = {
  ...httpMetricGroup,
  readers: ["periodic"],
  create: async (options) => (await import("./metric-reader.ts")).createOtlpHttpMetricReader(options),
};

const grpcLogs: LogExporter<OtlpOptions & DestinationOptions> = {
  ...grpcLogGroup,
  processors: ["batch", "simple"],
  findHost,
  findPlace,
  create: async (options) =>
    (await import("./grpc-log-destination.ts")).createOtlpGrpcLogDestination(options),
};

const grpcMetrics: MetricExporter<OtlpOptions & OtlpMetricOptions> = {
  ...grpcMetricGroup,
  readers: ["periodic"],
  create: async (options) => (await import("./grpc-metric-reader.ts")).createOtlpGrpcMetricReader(options),
};

export const otlpHttp: ExporterProvider = {
  name: "otlp_http",
  description: "Any OTLP/HTTP receiver, for instance a Collector.",
  logs: httpLogs,
  metrics: httpMetrics,
};

export const otlpGrpc: ExporterProvider = {
  name: "otlp_grpc",
  description: "Any OTLP/gRPC receiver.",
  logs: grpcLogs,
  metrics: grpcMetrics,
};
