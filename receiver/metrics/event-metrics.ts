/** Metrics of the events and of the books kept about them, made anew at each collection. */
import type { CollectionResult, MetricData, MetricProducer } from "@opentelemetry/sdk-metrics";
import { emptyResource } from "@opentelemetry/resources";
import { sum } from "../tracing/metric.ts";
import { outcomes } from "../tracing/contract.ts";
import type { Collector } from "../tracing/contract.ts";
import type { DriverErrors } from "../tracing/driver-errors.ts";
import type { EventReport } from "../tracing/traced-event.ts";
import {
  kerntelDriverErrors,
  kerntelEventRecords,
  kerntelEventState,
} from "../telemetry/telemetry.generated.ts";
import type { Scope } from "../emission/resource-loggers.ts";

export interface EventMetricsSource {
  reports(): readonly EventReport[];
  collectors(): readonly Collector[];
  driverErrors(): ReturnType<DriverErrors["points"]>;
}

/**
 * A producer rather than instruments: what it does not return any more is gone from the next scrape, so series
 * of containers that ended do not stay for ever.
 */
export class EventMetrics implements MetricProducer {
  readonly #source: EventMetricsSource;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(source: EventMetricsSource, scope: Scope) {
    this.#source = source;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const errors: unknown[] = [];
    const metrics: MetricData[] = [];
    for (const collector of this.#source.collectors()) {
      try {
        metrics.push(...collector.update());
      } catch (error) {
        // One event's metrics missing must not cost the scrape those of the others.
        errors.push(error);
      }
    }
    metrics.push(...this.#accounting());
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors });
  }

  #accounting(): MetricData[] {
    const reports = this.#source.reports();
    const records = reports.flatMap((report) =>
      outcomes.map((outcome) => ({
        attributes: { "kerntel.event.name": report.name, "kerntel.event.outcome": outcome },
        value: report[outcome],
      })),
    );
    const states = reports.map((report) => ({
      attributes: { "kerntel.event.name": report.name, "kerntel.event.state": report.state },
      value: 1,
    }));
    return [
      sum(kerntelEventRecords, records, this.#startedAt),
      sum(kerntelEventState, states, this.#startedAt),
      sum(kerntelDriverErrors, this.#source.driverErrors(), this.#startedAt),
    ];
  }
}
