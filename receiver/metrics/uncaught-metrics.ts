/** Errors that nothing caught, by the part they happened in. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Scope } from "../emission/resource-loggers.ts";
import type { UncaughtCount } from "../parts/uncaught-errors.ts";
import { kerntelUncaughtErrors } from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class UncaughtMetrics implements MetricProducer {
  readonly #counts: () => readonly UncaughtCount[];
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(counts: () => readonly UncaughtCount[], scope: Scope) {
    this.#counts = counts;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const points = this.#counts().map(({ kind, name, count }) => ({
      attributes: { "kerntel.part.kind": kind, ...(name === "" ? {} : { "kerntel.part.name": name }) },
      value: count,
    }));
    const metrics = [sum(kerntelUncaughtErrors, points, this.#startedAt)];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
