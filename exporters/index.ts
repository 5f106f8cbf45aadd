/** The list of exporters: one line each. */
import { consoleExporter } from "./console/provider.ts";
import { elasticsearch } from "./elasticsearch/provider.ts";
import type { ExporterProvider } from "./exporter-provider.ts";
import { localLog } from "./local-log/provider.ts";
import { otlpGrpc, otlpHttp } from "./otlp/provider.ts";
import { prometheus } from "./prometheus/provider.ts";

export const exporters: readonly ExporterProvider[] = [
  localLog,
  otlpHttp,
  otlpGrpc,
  elasticsearch,
  consoleExporter,
  prometheus,
];
