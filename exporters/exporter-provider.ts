/**
 * What an exporter says of itself in its `provider.ts`, OpenTelemetry's `PluginComponentProvider` (specification/configuration/sdk.md)
 * for both of our signals: its name, its settings, and how it is made. The client behind it is imported by `create` and not before.
 */
import type { IMetricReader, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { TenantLimits } from "./bounded-server.ts";
import type { ConnectionCounts } from "./connection-counts.ts";
import type { Destination } from "./contract.ts";
import type { SettingGroup } from "./setting.ts";

export interface ExporterProvider {
  /** The key in a configuration file; OpenTelemetry's own where it has one. */
  readonly name: string;
  /** One sentence, for people. */
  readonly description: string;
  readonly logs?: DeclaredLogExporter;
  readonly metrics?: DeclaredMetricExporter;
}

interface LogExporterShape {
  /** The processors of OpenTelemetry in which it may stand. */
  readonly processors: readonly ("batch" | "simple")[];
  /** The local log exists whether a file names it or not, and has its settings in a section of `distribution.kerntel` too. */
  readonly ownSection?: {
    readonly key: string;
    /** What differs from OpenTelemetry's batch processor. */
    readonly batchDefaults: Readonly<Record<string, number>>;
  };
}

/** Without `create`: the receiver writes to it directly. */
export interface LogExporter<Options extends object> extends SettingGroup<Options>, LogExporterShape {
  /** Everything by which one endpoint differs from another, without secrets: it makes the name of the destination, that of its cursor and of its metrics. */
  findPlace?(options: Options): string;
  /** `host:port`, which made the name in earlier versions. */
  findHost?(options: Options): string;
  create?(options: Options & { readonly name: string }): Promise<Destination>;
}

/** Any log exporter: what its options are, only the declaration knows. */
export interface DeclaredLogExporter extends SettingGroup, LogExporterShape {
  findPlace?(options: never): string;
  findHost?(options: never): string;
  create?(options: never): Promise<Destination>;
}

export interface ReadingOptions {
  /** Between two exports, where the reader is periodic. */
  readonly intervalMs?: number;
  /** For collecting and exporting once. */
  readonly exportTimeoutMs?: number;
  readonly metricProducers?: readonly MetricProducer[];
  /** Something went wrong between collections, as when no more files can be opened; the reader goes on. */
  readonly onError?: (error: unknown) => void;
  /** Where a reader that listens counts its connections. */
  readonly connections?: ConnectionCounts;
  /** Whose connections to it are whose, and how many of them there may be. */
  readonly tenants?: TenantLimits;
}

interface MetricExporterShape {
  /** The readers of OpenTelemetry in which it may stand. */
  readonly readers: readonly ("pull" | "periodic")[];
  /** Metrics go there where a file does not say where they go. */
  readonly isDefault?: true;
}

export interface MetricExporter<Options extends object> extends SettingGroup<Options>, MetricExporterShape {
  create(options: Options & ReadingOptions): Promise<IMetricReader>;
}

/** Any metric exporter: what its options are, only the declaration knows. */
export interface DeclaredMetricExporter extends SettingGroup, MetricExporterShape {
  create(options: never): Promise<IMetricReader>;
}
