/** The connections to the servers of the receiver. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { ConnectionCounts } from "#exporters/connection-counts.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import {
  kerntelServerClosedConnections,
  kerntelServerConnections,
} from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

/** By the name that each has in the metrics. */
export type ServerConnections = Readonly<Record<"prometheus" | "control", ConnectionCounts>>;

export class ServerMetrics implements MetricProducer {
  readonly #servers: ServerConnections;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(servers: ServerConnections, scope: Scope) {
    this.#servers = servers;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const servers = Object.entries(this.#servers) as [keyof ServerConnections, ConnectionCounts][];
    const open = servers.map(([name, counts]) => ({
      attributes: { "kerntel.server.name": name },
      value: counts.open,
    }));
    const closed = servers.flatMap(([name, counts]) =>
      [...counts.closed].map(([reason, value]) => ({
        attributes: { "kerntel.server.name": name, "kerntel.server.close.reason": reason },
        value,
      })),
    );
    const metrics = [
      sum(kerntelServerConnections, open, this.#startedAt),
      sum(kerntelServerClosedConnections, closed, this.#startedAt),
    ];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
