/** What retention does to the local log. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { LocalLog } from "#exporters/local-log/local-log.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import { kerntelLocalLogRetiredRecords } from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class LocalLogMetrics implements MetricProducer {
  readonly #log: () => Pick<LocalLog, "counts"> | undefined;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(log: () => Pick<LocalLog, "counts"> | undefined, scope: Scope) {
    this.#log = log;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const { age = 0, size = 0 } = this.#log()?.counts().retired ?? {};
    const retired = [
      { attributes: { "kerntel.local_log.limit": "age" as const }, value: age },
      { attributes: { "kerntel.local_log.limit": "size" as const }, value: size },
    ];
    const metrics = [sum(kerntelLocalLogRetiredRecords, retired, this.#startedAt)];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
