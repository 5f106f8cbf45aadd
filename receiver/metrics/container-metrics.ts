/** How well records find their container: the directory of cgroups, the sources, and the records that wait for them. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricData, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { ContainersCounts } from "../containers/containers.ts";
import type { HeldCounts } from "../emission/held-records.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import {
  kerntelCgroupCutWalks,
  kerntelCgroupKnown,
  kerntelCgroupLookups,
  kerntelCgroupLostChanges,
  kerntelCgroupSuppressedChanges,
  kerntelCgroupWalks,
  kerntelContainerDisagreements,
  kerntelContainerLookups,
  kerntelContainerSeriesLimit,
  kerntelContainerSeriesUsage,
  kerntelContainerSkippedLookups,
  kerntelNetworkNamespaceKnown,
  kerntelRecordWaits,
  kerntelTableEvictions,
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
  { cgroups, namespaces, evictedNamespaces, skipped, sources, series, ...changes }: ContainersCounts,
  since: Date,
): MetricData[] {
  const { lost, suppressed, walks, cutWalks } = changes;
  const evictions = [
    { attributes: { "kerntel.table.name": "cgroups" as const }, value: cgroups.evicted },
    { attributes: { "kerntel.table.name": "network_namespaces" as const }, value: evictedNamespaces },
  ];
  const known = [
    { attributes: { "kerntel.cgroup.state": "live" as const }, value: cgroups.live },
    { attributes: { "kerntel.cgroup.state": "gone" as const }, value: cgroups.gone },
  ];
  const lookups = [
    { attributes: { "kerntel.cgroup.lookup.result": "id" as const }, value: cgroups.foundById },
    { attributes: { "kerntel.cgroup.lookup.result": "path" as const }, value: cgroups.foundByPath },
    { attributes: { "kerntel.cgroup.lookup.result": "none" as const }, value: cgroups.missed },
  ];
  const disagreements = Array.from(sources, ([source, { disagreed }]) => ({
    attributes: { "kerntel.container.source": source },
    value: disagreed,
  }));
  const queries = [...sources].flatMap(([source, { answered, failed }]) => [
    {
      attributes: {
        "kerntel.container.source": source,
        "kerntel.container.lookup.result": "answered" as const,
      },
      value: answered,
    },
    {
      attributes: {
        "kerntel.container.source": source,
        "kerntel.container.lookup.result": "failed" as const,
      },
      value: failed,
    },
  ]);
  return [
    sum(kerntelCgroupKnown, known, since),
    sum(kerntelTableEvictions, evictions, since),
    sum(kerntelCgroupLookups, lookups, since),
    sum(kerntelCgroupLostChanges, [{ attributes: {}, value: lost }], since),
    sum(kerntelCgroupSuppressedChanges, [{ attributes: {}, value: suppressed }], since),
    sum(kerntelCgroupWalks, [{ attributes: {}, value: walks }], since),
    sum(kerntelCgroupCutWalks, [{ attributes: {}, value: cutWalks }], since),
    sum(kerntelNetworkNamespaceKnown, [{ attributes: {}, value: namespaces }], since),
    sum(
      kerntelContainerSkippedLookups,
      (["gone", "rate", "queue"] as const).map((reason) => ({
        attributes: { "kerntel.container.lookup.skip.reason": reason },
        value: skipped[reason],
      })),
      since,
    ),
    ...(queries.length > 0 ? [sum(kerntelContainerLookups, queries, since)] : []),
    ...(queries.length > 0 ? [sum(kerntelContainerDisagreements, disagreements, since)] : []),
    sum(kerntelContainerSeriesLimit, [{ attributes: {}, value: series.limit }], since),
    sum(kerntelContainerSeriesUsage, [{ attributes: {}, value: series.used }], since),
  ];
}

function describeWaits({ answered, expired, crowded }: HeldCounts, since: Date): MetricData {
  const waits = [
    { attributes: { "kerntel.record.wait.result": "answered" as const }, value: answered },
    { attributes: { "kerntel.record.wait.result": "expired" as const }, value: expired },
    { attributes: { "kerntel.record.wait.result": "crowded" as const }, value: crowded },
  ];
  return sum(kerntelRecordWaits, waits, since);
}
