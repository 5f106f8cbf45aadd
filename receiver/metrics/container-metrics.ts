/** How well records find their container: the directory of cgroups, the sources, and the records that wait for them. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricData, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { ContainersCounts } from "../containers/containers.ts";
import type { HeldCounts } from "../emission/held-records.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import {
  kerntelCgroupEvictions,
  kerntelCgroupKnown,
  kerntelCgroupLookups,
  kerntelCgroupLostChanges,
  kerntelCgroupWalks,
  kerntelContainerQuestions,
  kerntelNetworkNamespaceKnown,
  kerntelRecordWaits,
} from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";

export class ContainerMetrics implements MetricProducer {
  readonly #containers: () => ContainersCounts | undefined;
  readonly #held: () => HeldCounts | undefined;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(
    containers: () => ContainersCounts | undefined,
    held: () => HeldCounts | undefined,
    scope: Scope,
  ) {
    this.#containers = containers;
    this.#held = held;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const [containers, held] = [this.#containers(), this.#held()];
    const metrics = [
      ...(containers === undefined ? [] : describeContainers(containers, this.#startedAt)),
      ...(held === undefined ? [] : [describeWaits(held, this.#startedAt)]),
    ];
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }
}

function describeContainers(
  { cgroups, namespaces, lost, walks, sources }: ContainersCounts,
  since: Date,
): MetricData[] {
  const known = [
    { attributes: { life: "live" as const }, value: cgroups.live },
    { attributes: { life: "gone" as const }, value: cgroups.gone },
  ];
  const lookups = [
    { attributes: { found: "id" as const }, value: cgroups.foundById },
    { attributes: { found: "path" as const }, value: cgroups.foundByPath },
    { attributes: { found: "none" as const }, value: cgroups.missed },
  ];
  const questions = [...sources].flatMap(([source, { answered, failed }]) => [
    { attributes: { source, answer: "answered" as const }, value: answered },
    { attributes: { source, answer: "failed" as const }, value: failed },
  ]);
  return [
    sum(kerntelCgroupKnown, known, since),
    sum(kerntelCgroupEvictions, [{ attributes: {}, value: cgroups.evicted }], since),
    sum(kerntelCgroupLookups, lookups, since),
    sum(kerntelCgroupLostChanges, [{ attributes: {}, value: lost }], since),
    sum(kerntelCgroupWalks, [{ attributes: {}, value: walks }], since),
    sum(kerntelNetworkNamespaceKnown, [{ attributes: {}, value: namespaces }], since),
    ...(questions.length > 0 ? [sum(kerntelContainerQuestions, questions, since)] : []),
  ];
}

function describeWaits({ answered, expired, crowded }: HeldCounts, since: Date): MetricData {
  const waits = [
    { attributes: { wait: "answered" as const }, value: answered },
    { attributes: { wait: "expired" as const }, value: expired },
    { attributes: { wait: "crowded" as const }, value: crowded },
  ];
  return sum(kerntelRecordWaits, waits, since);
}
