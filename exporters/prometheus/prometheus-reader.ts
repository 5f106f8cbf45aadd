/** Metrics for Prometheus to scrape: OTel's exporter, with names as the specification wants them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import { CodedError, readErrorCode, readErrorMessage } from "../coded-error.ts";
import { translateMetrics } from "./translate-metrics.ts";

export interface PrometheusOptions {
  /** `127.0.0.1` where left out. */
  readonly host?: string;
  /** 9464 where left out; 0 for any free one. */
  readonly port?: number;
  /** Scope name and version as labels of every series; off where left out. */
  readonly withScopeInfo?: boolean;
  /** No `target_info`; it is written where this is left out. */
  readonly withoutTargetInfo?: boolean;
  /** Resource attributes whose names match become labels of every series. */
  readonly withResourceConstantLabels?: RegExp;
  readonly metricProducers?: readonly MetricProducer[];
}

const PATH = "/metrics";
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A metric reader that answers on `http://host:port/metrics`. `shutdown` closes the server. */
export class PrometheusReader extends PrometheusExporter {
  #server: Server | undefined;

  /** Where it listens, with the real port. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    return { host: address?.address ?? "", port: address?.port ?? 0 };
  }

  async listen(host: string, port: number): Promise<void> {
    // The exporter's own server takes port 0 for "not said", so it stays shut.
    const server = createServer((request, response) => this.#answer(request, response));
    const listening = Promise.withResolvers<void>();
    server.once("error", listening.reject);
    server.listen({ host, port }, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      throw explainListenError(error, host, port);
    }
    this.#server = server;
  }

  override async collect(options?: { readonly timeoutMillis?: number }): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(options);
    return { resourceMetrics: translateMetrics(resourceMetrics), errors };
  }

  override async onShutdown(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").split("?", 1)[0];
    if (path !== PATH) {
      response.writeHead(404).end();
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else {
      this.getMetricsRequestHandler(request, response);
      // The exporter has set a bare text/plain by now and writes nothing before the next turn.
      response.setHeader("content-type", CONTENT_TYPE);
    }
  }
}

/** Resolves when it listens. Rejects with a coded error that names host and port. */
export async function startPrometheusReader(options: PrometheusOptions = {}): Promise<PrometheusReader> {
  const reader = new PrometheusReader({
    preventServerStart: true,
    withoutScopeInfo: !options.withScopeInfo,
    withoutTargetInfo: options.withoutTargetInfo ?? false,
    ...(options.withResourceConstantLabels
      ? { withResourceConstantLabels: options.withResourceConstantLabels }
      : {}),
    metricProducers: [...(options.metricProducers ?? [])],
  });
  await reader.listen(options.host ?? "127.0.0.1", options.port ?? 9464);
  return reader;
}

function explainListenError(error: unknown, host: string, port: number): CodedError {
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  switch (readErrorCode(error)) {
    case "EADDRINUSE":
      return new CodedError(
        "PROMETHEUS_ADDRESS_IN_USE",
        `Prometheus metrics cannot be offered on ${place}: another program listens there.`,
        error,
      );
    case "EACCES":
      return new CodedError(
        "PROMETHEUS_ADDRESS_DENIED",
        `Prometheus metrics cannot be offered on ${place}: the port needs more privilege.`,
        error,
      );
    default:
      return new CodedError(
        "PROMETHEUS_ADDRESS_INVALID",
        `Prometheus metrics cannot be offered on ${place}: ${readErrorMessage(error)}.`,
        error,
      );
  }
}
