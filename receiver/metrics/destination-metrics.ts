/** The books of each destination: stored = exported + rejected + expired + unreadable + what still waits. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Delivery } from "#exporters/delivery/delivery.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import { kerntelDestinationQueueSize, kerntelDestinationRecords } from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class DestinationMetrics implements MetricProducer {
  readonly #deliveries: () => readonly Delivery[];
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(deliveries: () => readonly Delivery[], scope: Scope) {
    this.#deliveries = deliveries;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const books = this.#deliveries().map((delivery) => ({
      destination: delivery.name,
      counts: delivery.counts(),
    }));
    const records = books.flatMap(({ destination, counts }) => [
      { attributes: { destination, result: "exported" as const }, value: counts.exported },
      ...Object.entries(counts.rejected).map(([rejection, value]) => ({
        attributes: { destination, result: "rejected" as const, rejection },
        value,
      })),
      { attributes: { destination, result: "expired" as const }, value: counts.expired },
      { attributes: { destination, result: "unreadable" as const }, value: counts.unreadable },
    ]);
    const waiting = books.map(({ destination, counts }) => ({
      attributes: { destination },
      value: counts.pending,
    }));
    const metrics = [
      sum(kerntelDestinationRecords, records, this.#startedAt),
      sum(kerntelDestinationQueueSize, waiting, this.#startedAt),
    ].filter(({ dataPoints }) => dataPoints.length > 0);
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
