/** The face of this folder: metrics for Prometheus to scrape. */
import type { ExporterProvider, MetricExporter } from "../exporter-provider.ts";
import { prometheusGroup } from "./options.ts";
import type { PrometheusOptions } from "./options.ts";

const metrics: MetricExporter<PrometheusOptions> = {
  ...prometheusGroup,
  readers: ["pull"],
  isDefault: true,
  create: async (options) => (await import("./prometheus-reader.ts")).startPrometheusReader(options),
};

export const prometheus: ExporterProvider = {
  name: "prometheus/development",
  description: "Prometheus, on `http://host:port/metrics`.",
  metrics,
};
