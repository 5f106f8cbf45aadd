/** What the output streams of the process lost. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Outputs } from "#exporters/console/standard-outputs.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import { kerntelConsoleDropped } from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class ConsoleMetrics implements MetricProducer {
  readonly #outputs: Outputs;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(outputs: Outputs, scope: Scope) {
    this.#outputs = outputs;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const dropped = Object.values(this.#outputs).map((output) => ({
      attributes: { "log.iostream": output.name },
      value: output.counts().dropped,
    }));
    const metrics = [sum(kerntelConsoleDropped, dropped, this.#startedAt)];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}
