/** Reads `meter_provider.readers`: who gets the metrics. */
import type { MetricReaderConfig, PrometheusConfig } from "./config.ts";
import { readPushExporter } from "./push-exporter.ts";
import type { PushExporterSection } from "./push-exporter.ts";

/** One of `pull` and `periodic`; the schema has checked it. */
export interface MetricReaderSection {
  readonly pull?: { readonly exporter: { readonly "prometheus/development"?: PrometheusSection | null } };
  readonly periodic?: {
    readonly interval?: number | null;
    readonly timeout?: number | null;
    readonly exporter: PushExporterSection;
  };
}

interface PrometheusSection {
  readonly host?: string | null;
  readonly port?: number | null;
  readonly scope_info_enabled?: boolean | null;
  readonly "target_info_enabled/development"?: boolean | null;
  readonly resource_constant_labels?: { readonly included?: string[]; readonly excluded?: string[] };
}

/** What is used where the file says nothing about metrics. */
export const defaultMetricReaders: readonly MetricReaderSection[] = [
  { pull: { exporter: { "prometheus/development": null } } },
];

export function readMetricReaders(sections: readonly MetricReaderSection[]): MetricReaderConfig[] {
  return sections.map(({ pull, periodic }) => {
    if (!periodic)
      return { kind: "pull", exporter: readPrometheus(pull?.exporter["prometheus/development"] ?? {}) };
    const intervalMs = periodic.interval ?? Math.max(60_000, periodic.timeout ?? 0);
    return {
      kind: "periodic",
      intervalMs,
      // The SDK refuses a timeout above the interval.
      timeoutMs: periodic.timeout ?? Math.min(30_000, intervalMs),
      exporter: readPushExporter(periodic.exporter, "metrics"),
    };
  });
}

function readPrometheus(section: PrometheusSection): PrometheusConfig {
  const labels = section.resource_constant_labels;
  return {
    kind: "prometheus",
    // The schema says localhost, which may be ::1 alone; this is the address that is documented.
    host: section.host ?? "127.0.0.1",
    port: section.port ?? 9464,
    // OTel has them on; here there is one scope, and two labels on every series would say nothing.
    withoutScopeInfo: section.scope_info_enabled !== true,
    withoutTargetInfo: section["target_info_enabled/development"] === false,
    ...(labels && { resourceLabelPattern: joinPatterns(labels) }),
  };
}

/** Wildcards (`*`, `?`) to one regular expression; `excluded` is stronger than `included`. */
function joinPatterns({ included = ["*"], excluded }: { included?: string[]; excluded?: string[] }): string {
  const refused = excluded ? `(?!(?:${excluded.map(toExpression).join("|")})$)` : "";
  return `^${refused}(?:${included.map(toExpression).join("|")})$`;
}

function toExpression(pattern: string): string {
  return pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
}
