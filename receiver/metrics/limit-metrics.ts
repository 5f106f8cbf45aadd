/** What the limits of attributes took from log records. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { LimitedCounts } from "../emission/attribute-limiter.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import { kerntelRecordLimitedValues } from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class LimitMetrics implements MetricProducer {
  readonly #counts: () => LimitedCounts;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(counts: () => LimitedCounts, scope: Scope) {
    this.#counts = counts;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const { cut, dropped } = this.#counts();
    const points = [
      { attributes: { "kerntel.limit.name": "attribute_value_length_limit" as const }, value: cut },
      { attributes: { "kerntel.limit.name": "attribute_count_limit" as const }, value: dropped },
    ];
    const metrics = [sum(kerntelRecordLimitedValues, points, this.#startedAt)];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
