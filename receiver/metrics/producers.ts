/** All metrics of the receiver, from the parts that they measure. */
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { Outputs } from "#exporters/console/standard-outputs.ts";
import type { Containers } from "../containers/containers.ts";
import type { Emitter } from "../emission/emitter.ts";
import type { UncaughtErrors } from "../parts/uncaught-errors.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { scope } from "../scope.ts";
import type { DriverErrors } from "../tracing/driver-errors.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { ConsoleMetrics } from "./console-metrics.ts";
import { ContainerMetrics } from "./container-metrics.ts";
import { DestinationMetrics } from "./destination-metrics.ts";
import { EventMetrics } from "./event-metrics.ts";
import { LimitMetrics } from "./limit-metrics.ts";
import { LocalLogMetrics } from "./local-log-metrics.ts";
import { ServerMetrics } from "./server-metrics.ts";
import { TenantMetrics } from "./tenant-metrics.ts";
import { UncaughtMetrics } from "./uncaught-metrics.ts";

/** Parts that are started after the metrics; each adds itself, and what is not there yet has no series. */
export interface MeasuredParts {
  tracing?: Tracing;
  pipeline?: Pipeline;
  containers?: Containers;
  emitter?: Emitter;
}

export interface MeasuredFromStart {
  readonly driverErrors: DriverErrors;
  readonly uncaught: UncaughtErrors;
  readonly servers: ConstructorParameters<typeof ServerMetrics>[0];
  readonly outputs: Outputs;
}

export function createMetricProducers(
  parts: MeasuredParts,
  { driverErrors, uncaught, servers, outputs }: MeasuredFromStart,
): MetricProducer[] {
  return [
    new EventMetrics(
      {
        reports: () => parts.tracing?.reports() ?? [],
        collectors: () => parts.tracing?.collectors() ?? [],
        driverErrors: () => driverErrors.points(),
      },
      scope,
    ),
    new DestinationMetrics(() => parts.pipeline?.deliveries ?? [], scope),
    new LocalLogMetrics(() => parts.pipeline?.log, scope),
    new ConsoleMetrics(outputs, scope),
    new ServerMetrics(servers, scope),
    new UncaughtMetrics(() => uncaught.counts(), scope),
    new LimitMetrics(() => parts.emitter?.limited() ?? { cut: 0, dropped: 0 }, scope),
    new TenantMetrics(
      () => parts.tracing?.suppressions ?? [],
      () => parts.containers?.tenants,
      scope,
    ),
    new ContainerMetrics(
      () => parts.containers?.counts(),
      () => parts.emitter?.counts(),
      scope,
    ),
  ];
}
