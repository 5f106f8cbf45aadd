/** Metrics for Prometheus to scrape: OTel's text format, with names as the specification wants them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { diag } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MetricReader } from "@opentelemetry/sdk-metrics";
import type { CollectionResult } from "@opentelemetry/sdk-metrics";
import { BoundedServer } from "../bounded-server.ts";
import type { ServerLimits } from "../bounded-server.ts";
import { CodedError, readErrorCode } from "../coded-error.ts";
import { ConnectionCounts } from "../connection-counts.ts";
import { spareDescriptors } from "../descriptors.ts";
import type { ReadingOptions } from "../exporter-provider.ts";
import { fillDefaults } from "../setting.ts";
import { readRequestTarget } from "../request-target.ts";
import { describeCause } from "../system-error.ts";
import { type LabelPatterns, prometheusGroup, type PrometheusOptions } from "./options.ts";
import { translateMetrics } from "./translate-metrics.ts";

const PATH = "/metrics";
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
/** One collection is for all scrapes that begin while it lasts, and for so long after its beginning. */
const SHARED_MS = 1_000;

export interface PrometheusReading extends ReadingOptions {
  /** For tests, which cannot wait as long as a client may. */
  readonly limits?: ServerLimits;
}

/** A metric reader that answers on `http://host:port/metrics`. `shutdown` closes the server. */
export class PrometheusReader extends MetricReader {
  readonly #serializer: PrometheusSerializer;
  readonly #server: BoundedServer;
  #shared: Promise<Buffer> | undefined;

  constructor(
    options: PrometheusOptions,
    { metricProducers, connections, tenants, limits }: PrometheusReading,
  ) {
    super({ metricProducers: [...(metricProducers ?? [])] });
    const labels = joinPatterns(options.resourceLabels);
    this.#serializer = new PrometheusSerializer(
      "",
      false,
      labels,
      !options.withTargetInfo,
      !options.withScopeInfo,
    );
    const bounds = { spareDescriptors: spareDescriptors.others, ...(tenants && { tenants }), ...limits };
    this.#server = new BoundedServer(
      (request, response) => void this.#answer(request, response),
      connections ?? new ConnectionCounts(),
      bounds,
    );
  }

  /** Where it listens, with the real port. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server.address as AddressInfo | null;
    return { host: address?.address ?? "", port: address?.port ?? 0 };
  }

  async listen(host: string, port: number, onError: (error: unknown) => void): Promise<void> {
    try {
      await this.#server.listen({ host, port }, onError);
    } catch (error) {
      throw explainListenError(error, host, port);
    }
  }

  override async collect(options?: { readonly timeoutMillis?: number }): Promise<CollectionResult> {
    const { resourceMetrics, errors } = await super.collect(options);
    return { resourceMetrics: translateMetrics(resourceMetrics), errors };
  }

  override onShutdown(): Promise<void> {
    return this.address.port === 0 ? Promise.resolve() : this.#server.close();
  }

  override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path } = readRequestTarget(request.url);
    if (path !== PATH) {
      response.writeHead(404).end();
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else {
      try {
        const body = await (this.#shared ??= this.#share());
        response.writeHead(200, { "content-type": CONTENT_TYPE, "content-length": body.length }).end(body);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        response
          .writeHead(500, { "content-type": CONTENT_TYPE })
          .end(`# metrics were not collected: ${reason}\n`);
      }
    }
  }

  /** The same bytes for every client, so that many of them take no more memory than one. */
  #share(): Promise<Buffer> {
    const endsAtMs = performance.now() + SHARED_MS;
    const shared = this.#render();
    const forget = (): void => {
      this.#shared = undefined;
    };
    shared.then(() => setTimeout(forget, endsAtMs - performance.now()).unref(), forget);
    return shared;
  }

  async #render(): Promise<Buffer> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) diag.error("metrics were collected with errors", ...errors);
    return Buffer.from(this.#serializer.serialize(resourceMetrics));
  }
}

/**
 * Resolves when it listens. Options that are left out have their declared defaults. Rejects with a coded error that names host
 * and port.
 */
export async function startPrometheusReader(
  given: Partial<PrometheusOptions> & PrometheusReading = {},
): Promise<PrometheusReader> {
  const options = fillDefaults<PrometheusOptions>(prometheusGroup, given);
  const reader = new PrometheusReader(options, given);
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
