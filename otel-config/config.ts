/**
 * What Kerntel was told to do: plain data, checked, every default filled in. `readConfig` makes it, `pipeline.ts`
 * turns it into providers.
 */
import type { Attributes } from "@opentelemetry/api";
import type { Mistake } from "./mistake.ts";

export interface KerntelConfig {
  /** The file that was read; absent where the defaults are used. */
  readonly file?: string;
  /** No telemetry leaves the program: both lists are empty. */
  readonly disabled: boolean;
  /** Of OTel's internal logger. */
  readonly logLevel: LogLevel;
  /** From `resource`, to be laid over what the host says of itself. */
  readonly resourceAttributes: Attributes;
  /** Where log records go beside the local log. */
  readonly logProcessors: readonly LogProcessorConfig[];
  readonly metricReaders: readonly MetricReaderConfig[];
  readonly localLog: LocalLogConfig;
  /** Absolute. */
  readonly stateDirectory: string;
  readonly events: Readonly<Record<string, EventConfig>>;
  readonly containers: ContainersConfig;
  /** What the file asks for and Kerntel does not do, without being wrong. For the first screen. */
  readonly warnings: readonly Mistake[];
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

export interface EventConfig {
  readonly enabled: boolean;
  /** Keys as in the file, each with a value: the user's or the default. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Who is asked about containers. Addresses that are absent: the usual places. */
export interface ContainersConfig {
  /** A log record waits for an answer at most so long. */
  readonly waitMs: number;
  /** Keys of labels that become attributes. */
  readonly containerLabels: readonly string[];
  readonly podLabels: readonly string[];
  /** Absolute paths of Unix sockets. */
  readonly containerd: { readonly enabled: boolean; readonly address?: string };
  readonly cri: { readonly enabled: boolean; readonly endpoint?: string };
  readonly docker: { readonly enabled: boolean; readonly socket?: string };
  readonly podman: { readonly enabled: boolean; readonly socket?: string };
  readonly kubelet: {
    readonly enabled: boolean;
    readonly endpoint?: string;
    readonly tokenFile?: string;
    readonly caFile?: string;
    readonly insecureSkipVerify: boolean;
  };
}

export interface LocalLogConfig extends BatchConfig {
  readonly maxSizeBytes: number;
  readonly maxAgeMs: number;
}

export interface BatchConfig {
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export type LogProcessorConfig =
  | ({ readonly kind: "batch"; readonly exporter: PushExporterConfig | ElasticsearchConfig } & BatchConfig)
  | { readonly kind: "simple"; readonly exporter: PushExporterConfig };

export type MetricReaderConfig =
  | { readonly kind: "pull"; readonly exporter: PrometheusConfig }
  | {
      readonly kind: "periodic";
      readonly intervalMs: number;
      readonly timeoutMs: number;
      readonly exporter: PushExporterConfig;
    };

export type PushExporterConfig = OtlpHttpConfig | OtlpGrpcConfig | { readonly kind: "console" };

export interface OtlpHttpConfig {
  readonly kind: "otlp_http";
  /** The full URL, with the signal's path. */
  readonly endpoint: string;
  /** Secret: never to be printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: "gzip" | "none";
  readonly timeoutMs: number;
  readonly encoding: "protobuf" | "json";
  readonly tls: TlsConfig;
}

export interface OtlpGrpcConfig {
  readonly kind: "otlp_grpc";
  /** `http://host:port`, or `https:` for TLS. */
  readonly endpoint: string;
  /** Secret: never to be printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: "gzip" | "none";
  readonly timeoutMs: number;
  readonly tls: TlsConfig;
}

export interface ElasticsearchConfig {
  readonly kind: "elasticsearch";
  /** At least one, all of one cluster. */
  readonly endpoints: readonly string[];
  /** Secret, as is the password. */
  readonly apiKey?: string;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly dataStream: string;
  readonly compression: "gzip" | "none";
  readonly timeoutMs: number;
  readonly installTemplate: boolean;
}

/** Absolute paths of PEM files. */
export interface TlsConfig {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface PrometheusConfig {
  readonly kind: "prometheus";
  readonly host: string;
  readonly port: number;
  readonly withoutScopeInfo: boolean;
  readonly withoutTargetInfo: boolean;
  /** Source of a RegExp over names of resource attributes; absent: none becomes a label. */
  readonly resourceLabelPattern?: string;
}

/** JSON Schema (draft 2020-12) of one key of an event. */
export interface ConfigProperty {
  readonly type: "boolean" | "integer" | "number" | "string" | "array";
  readonly description: string;
  readonly default: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (number | string)[];
  readonly items?: { readonly type: "string" | "integer" };
  /** What no schema can say: why a value of the right type is wrong, as it goes behind the key; undefined where it is not. */
  readonly findProblem?: (value: never) => string | undefined;
}

/** Per event name, the keys beside `enabled`. */
export type EventSchemas = Readonly<Record<string, Readonly<Record<string, ConfigProperty>>>>;
