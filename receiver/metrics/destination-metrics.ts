/** The accounting of each destination and the condition it is in: stored = exported + rejected + expired + unreadable + what still waits. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Delivery } from "#exporters/delivery/delivery.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import {
  kerntelDestinationQueueSize,
  kerntelDestinationRecords,
  kerntelDestinationState,
} from "../telemetry/telemetry.generated.ts";
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
    const accounts = this.#deliveries().map((delivery) => ({
      destination: delivery.name,
      counts: delivery.counts(),
      status: delivery.status(),
    }));
    const records = accounts.flatMap(({ destination, counts }) => [
      { attributes: { destination, result: "exported" as const }, value: counts.exported },
      ...Object.entries(counts.rejected).map(([rejection, value]) => ({
        attributes: { destination, result: "rejected" as const, rejection },
        value,
      })),
      { attributes: { destination, result: "expired" as const }, value: counts.expired },
      { attributes: { destination, result: "unreadable" as const }, value: counts.unreadable },
    ]);
    const waiting = accounts.map(({ destination, counts }) => ({
      attributes: { destination },
      value: counts.pending,
    }));
    const conditions = accounts.map(({ destination, status: { state, reason } }) => ({
      attributes: {
        destination,
        "kerntel.destination.condition": state,
        ...(state === "blocked" && { "kerntel.destination.block.reason": reason }),
      },
      value: 1,
    }));
    const metrics = [
      sum(kerntelDestinationRecords, records, this.#startedAt),
      sum(kerntelDestinationQueueSize, waiting, this.#startedAt),
      sum(kerntelDestinationState, conditions, this.#startedAt),
    ].filter(({ dataPoints }) => dataPoints.length > 0);
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
