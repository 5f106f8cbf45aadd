/** What Kerntel is configured to do: plain data, checked, every default filled in. `readConfig` makes it. */
import type { Attributes } from "@opentelemetry/api";
import type { Mistake } from "./mistake.ts";
import type { SettingValues } from "./read-group.ts";

export interface KerntelConfig {
  /** The file that was read; absent where the defaults are used. */
  readonly file?: string;
  /** No telemetry leaves the program: both lists are empty. */
  readonly disabled: boolean;
  /** Of OTel's internal logger. */
  readonly logLevel: LogLevel;
  /** From `resource`, to be laid over what the host says of itself. */
  readonly resourceAttributes: Attributes;
  readonly attributeLimits: AttributeLimits;
  /** Where log records go beside the local log. */
  readonly logProcessors: readonly LogProcessorConfig[];
  readonly metricReaders: readonly MetricReaderConfig[];
  readonly localLog: LocalLogConfig;
  /** Absolute. */
  readonly stateDirectory: string;
  /** Folders of plug-ins. */
  readonly plugins: readonly string[];
  readonly events: Readonly<Record<string, EventConfig>>;
  readonly containers: ContainersConfig;
  /** What the file asks for and Kerntel does not do, without being wrong. For the first screen. */
  readonly warnings: readonly Mistake[];
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** OpenTelemetry's limits, of log records and their resources. */
export interface AttributeLimits {
  /** The most UTF-16 code units that a text has. */
  readonly valueLength: number;
  readonly count: number;
}

export interface EventConfig {
  readonly enabled: boolean;
  /** Keys as in the file, each with a value: the user's or the default. */
  readonly settings: SettingValues;
}

export interface ContainersConfig {
  /** A log record waits for an answer at most so long. */
  readonly waitMs: number;
  /** Keys of labels that become attributes. */
  readonly containerLabels: readonly string[];
  readonly podLabels: readonly string[];
  /** By the names of the sources. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
}

/** What the source declares, by the names that it declares. */
export interface SourceConfig extends SettingValues {
  readonly enabled: boolean;
}

export interface BatchConfig {
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export interface LocalLogConfig extends BatchConfig {
  readonly settings: SettingValues;
}

/** What the exporter declares, by the names that it declares. May hold secrets. */
export interface ExporterConfig {
  readonly name: string;
  readonly settings: SettingValues;
}

/** OTel's batch processor; its simple one is a batch of one record that waits for nothing. */
export interface LogProcessorConfig extends BatchConfig {
  readonly exporter: ExporterConfig;
}

export type MetricReaderConfig =
  | { readonly kind: "pull"; readonly exporter: ExporterConfig }
  | {
      readonly kind: "periodic";
      readonly intervalMs: number;
      readonly timeoutMs: number;
      readonly exporter: ExporterConfig;
    };
