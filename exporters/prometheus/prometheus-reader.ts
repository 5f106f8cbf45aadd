/** Metrics for Prometheus to scrape: OTel's exporter, with names as the specification wants them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { CollectionResult } from "@opentelemetry/sdk-metrics";
import { CodedError, readErrorCode } from "../coded-error.ts";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { readRequestTarget } from "../request-target.ts";
import { describeCause } from "../system-error.ts";
import { type LabelPatterns, prometheusGroup, type PrometheusOptions } from "./options.ts";
import { translateMetrics } from "./translate-metrics.ts";

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

  async listen(host: string, port: number, onError: (error: unknown) => void): Promise<void> {
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
    server.on("error", onError);
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
    const { path } = readRequestTarget(request.url);
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

/**
 * Resolves when it listens. Options that are left out have their declared defaults. Rejects with a coded error that names host
 * and port.
 */
export async function startPrometheusReader(
  given: Partial<PrometheusOptions> & ReadingOptions = {},
): Promise<PrometheusReader> {
  const options = fillDefaults<PrometheusOptions>(prometheusGroup, given);
  const labels = joinPatterns(options.resourceLabels);
  const reader = new PrometheusReader({
    preventServerStart: true,
    withoutScopeInfo: !options.withScopeInfo,
    withoutTargetInfo: !options.withTargetInfo,
    ...(labels === undefined ? {} : { withResourceConstantLabels: labels }),
    metricProducers: [...(given.metricProducers ?? [])],
  });
  await reader.listen(options.host, options.port, given.onError ?? ((): void => {}));
  return reader;
}

/** One regular expression over whole names; undefined where no attribute is to become a label. */
function joinPatterns({ included, excluded }: LabelPatterns): RegExp | undefined {
  if (included === undefined && excluded === undefined) return undefined;
  const refused = excluded ? `(?!(?:${excluded.map(toExpression).join("|")})$)` : "";
  return new RegExp(`^${refused}(?:${(included ?? ["*"]).map(toExpression).join("|")})$`);
}

function toExpression(pattern: string): string {
  return pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
}

const LISTEN_CODES: Readonly<Record<string, string>> = {
  EADDRINUSE: "PROMETHEUS_ADDRESS_IN_USE",
  EACCES: "PROMETHEUS_ADDRESS_DENIED",
};

function explainListenError(error: unknown, host: string, port: number): CodedError {
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const code = LISTEN_CODES[readErrorCode(error)] ?? "PROMETHEUS_ADDRESS_INVALID";
  const message = `Prometheus metrics cannot be offered on ${place}: ${describeCause(error)}.`;
  return new CodedError(code, message, error);
}
