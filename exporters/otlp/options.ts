/** What the OTLP exporters take, the same for log records and metrics: the declaration of each setting. */
import { caFileSetting, clientSettings, destinationSettings } from "../client-settings.ts";
import type { ClientOptions, DestinationOptions } from "../client-settings.ts";
import type { SettingGroup } from "../setting.ts";

/** PEM files. */
export interface OtlpTlsOptions {
  readonly caFile?: string;
  /** Of the client. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface OtlpOptions extends ClientOptions {
  readonly endpoint: string;
  /** Secret, as is the list. */
  readonly headers: Readonly<Record<string, string>>;
  readonly headersList: Readonly<Record<string, string>>;
  readonly tls: OtlpTlsOptions;
}

export interface OtlpHttpOptions extends OtlpOptions {
  readonly encoding: "protobuf" | "json";
}

/** What OpenTelemetry's exporters of metrics take beside that. */
export interface OtlpMetricOptions {
  readonly temporalityPreference: "cumulative";
  readonly defaultHistogramAggregation: "explicit_bucket_histogram";
}

/** What `headers` says wins over the list. */
export function joinHeaders({ headers, headersList }: OtlpOptions): Record<string, string> {
  return { ...headersList, ...headers };
}

type Settings<Options extends object> = SettingGroup<Options>["settings"];

const tlsGroup: SettingGroup<OtlpTlsOptions> = {
  settings: {
    caFile: caFileSetting,
    certFile: {
      key: "cert_file",
      type: "string",
      format: "readable-file",
      otherwise: "none",
      example: "/etc/kerntel/client.pem",
      description: "PEM file of the client's certificate; an absolute path.",
    },
    keyFile: {
      key: "key_file",
      type: "string",
      format: "readable-file",
      otherwise: "none",
      example: "/etc/kerntel/client.key",
      description: "PEM file of the key of the client's certificate; an absolute path.",
    },
  },
  together: [["certFile", "keyFile"]],
  unsupported: ["insecure"],
};

const sharedSettings: Settings<Omit<OtlpOptions, "endpoint">> = {
  headers: {
    type: "headers",
    isNullable: false,
    secret: true,
    default: {},
    example: [{ name: "Authorization", value: "Bearer ${OTLP_TOKEN}" }],
    description: "Headers of each request; a header without a value is left out.",
  },
  headersList: {
    key: "headers_list",
    type: "string",
    format: "header-list",
    secret: true,
    default: {},
    example: "${OTEL_EXPORTER_OTLP_HEADERS}",
    description: "More headers as name=value, separated by commas and percent-encoded; `headers` wins.",
  },
  ...clientSettings({ compression: "none", timeoutMs: 10_000 }),
  tls: { type: "object", group: tlsGroup, default: {}, description: "TLS, for an endpoint with https://." },
};

const metricSettings: Settings<OtlpMetricOptions> = {
  temporalityPreference: {
    key: "temporality_preference",
    type: "string",
    enum: ["cumulative"],
    default: "cumulative",
    description: "Temporality of sums and histograms; no other one is supported.",
  },
  defaultHistogramAggregation: {
    key: "default_histogram_aggregation",
    type: "string",
    enum: ["explicit_bucket_histogram"],
    default: "explicit_bucket_histogram",
    description: "Aggregation of histograms; no other one is supported.",
  },
};

function httpSettings(signal: "logs" | "metrics"): Settings<OtlpHttpOptions> {
  return {
    endpoint: {
      type: "string",
      format: "http-url",
      default: `http://localhost:4318/v1/${signal}`,
      description: "Full URL, with its path.",
      findDoubt: (url: string) =>
        URL.canParse(url) && new URL(url).pathname === "/"
          ? `has no path and is used as it is; most receivers want /v1/${signal} at its end`
          : undefined,
    },
    ...sharedSettings,
    encoding: {
      type: "string",
      enum: ["protobuf", "json"],
      default: "protobuf",
      description: "Encoding of what is sent.",
    },
  };
}

const grpcSettings: Settings<OtlpOptions> = {
  endpoint: {
    type: "string",
    format: "grpc-url",
    default: "http://localhost:4317",
    description: "URL without a path; https:// for TLS.",
  },
  ...sharedSettings,
};

// What the Collector's receivers take where they are not configured.
export const httpLogGroup: SettingGroup<OtlpHttpOptions & DestinationOptions> = {
  settings: { ...httpSettings("logs"), ...destinationSettings(20_971_520) },
};
export const httpMetricGroup: SettingGroup<OtlpHttpOptions & OtlpMetricOptions> = {
  settings: { ...httpSettings("metrics"), ...metricSettings },
};
export const grpcLogGroup: SettingGroup<OtlpOptions & DestinationOptions> = {
  settings: { ...grpcSettings, ...destinationSettings(4_194_304) },
};
export const grpcMetricGroup: SettingGroup<OtlpOptions & OtlpMetricOptions> = {
  settings: { ...grpcSettings, ...metricSettings },
};
