/** Shares of limits: what was suppressed of which container, and how well the tables know the tenants of this machine. */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import type { TenantTables } from "../containers/tenant-tables.ts";
import type { Scope } from "../emission/resource-loggers.ts";
import {
  kerntelContainerSuppressed,
  kerntelTenantKnown,
  kerntelTenantRejections,
} from "../telemetry/telemetry.generated.ts";
import { sum } from "../tracing/metric.ts";
import type { TenantSuppressions } from "../tracing/tenant-suppressions.ts";

export interface SuppressedEvent {
  readonly name: string;
  readonly suppressions: Pick<TenantSuppressions, "counts" | "forget">;
}

export type KnownTenants = Pick<TenantTables, "containerId" | "counts" | "takeEnded">;

export class TenantMetrics implements MetricProducer {
  readonly #events: () => readonly SuppressedEvent[];
  readonly #tenants: () => KnownTenants | undefined;
  readonly #scope: Scope;
  readonly #startedAt = new Date();

  constructor(
    events: () => readonly SuppressedEvent[],
    tenants: () => KnownTenants | undefined,
    scope: Scope,
  ) {
    this.#events = events;
    this.#tenants = tenants;
    this.#scope = scope;
  }

  collect(): Promise<CollectionResult> {
    const tenants = this.#tenants();
    const metrics = tenants === undefined ? [] : this.#describe(tenants);
    const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope: this.#scope, metrics }] };
    return Promise.resolve({ resourceMetrics, errors: [] });
  }

  #describe(tenants: KnownTenants): CollectionResult["resourceMetrics"]["scopeMetrics"][number]["metrics"] {
    const events = this.#events();
    for (const ended of tenants.takeEnded())
      for (const { suppressions } of events) suppressions.forget(ended);
    const suppressed = events.flatMap(({ name, suppressions }) =>
      [...suppressions.counts()].flatMap(([tenant, value]) => {
        const containerId = tenants.containerId(tenant);
        if (containerId === undefined) return [];
        return [{ attributes: { "container.id": containerId, "kerntel.event.name": name }, value }];
      }),
    );
    const { cgroups, namespaces, rejected } = tenants.counts();
    return [
      ...(suppressed.length > 0 ? [sum(kerntelContainerSuppressed, suppressed, this.#startedAt)] : []),
      sum(kerntelTenantKnown, byTable({ cgroups, namespaces }), this.#startedAt),
      sum(kerntelTenantRejections, byTable(rejected), this.#startedAt),
    ];
  }
}

function byTable(counts: { readonly cgroups: number; readonly namespaces: number }): {
  readonly attributes: { readonly "kerntel.tenant.table": "cgroup" | "network_namespace" };
  readonly value: number;
}[] {
  return [
    { attributes: { "kerntel.tenant.table": "cgroup" }, value: counts.cgroups },
    { attributes: { "kerntel.tenant.table": "network_namespace" }, value: counts.namespaces },
  ];
}
