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
      {
        attributes: { ...named(destination), "kerntel.destination.result": "exported" as const },
        value: counts.exported,
      },
      ...Object.entries(counts.rejected).map(([rejection, value]) => ({
        attributes: {
          ...named(destination),
          "kerntel.destination.result": "rejected" as const,
          "kerntel.destination.rejection": rejection,
        },
        value,
      })),
      {
        attributes: { ...named(destination), "kerntel.destination.result": "expired" as const },
        value: counts.expired,
      },
      {
        attributes: { ...named(destination), "kerntel.destination.result": "unreadable" as const },
        value: counts.unreadable,
      },
    ]);
    const waiting = accounts.map(({ destination, counts }) => ({
      attributes: named(destination),
      value: counts.pending,
    }));
    const conditions = accounts.map(({ destination, status: { state, reason } }) => ({
      attributes: {
        ...named(destination),
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

function named(destination: string): { "kerntel.destination.name": string } {
  return { "kerntel.destination.name": destination };
}
