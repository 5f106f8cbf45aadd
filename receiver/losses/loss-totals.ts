/** Every counter of something that was lost, in one list: of the events, of the destinations, and of what is known of containers. */
import type { DeliveryCounts } from "#exporters/delivery/counts.ts";
import type { ContainersCounts } from "../containers/containers.ts";
import type { TenantCounts } from "../containers/tenant-tables.ts";
import type { LossTotal } from "../tracing/losses.ts";
import type { EventReport } from "../tracing/traced-event.ts";

export interface LossSources {
  /** Of the events that watch the kernel: what those report that watch the receiver, they report again until it is stored. */
  readonly events: readonly EventReport[];
  readonly deliveries: readonly {
    readonly name: string;
    counts(): Pick<DeliveryCounts, "expired" | "unreadable">;
  }[];
  readonly containers:
    | (Pick<ContainersCounts, "lost" | "evictedNamespaces"> & {
        readonly cgroups: Pick<ContainersCounts["cgroups"], "evicted">;
      })
    | undefined;
  /** Entries that the tables of tenants had no room for; undefined where there are none. */
  readonly rejectedTenants: TenantCounts["rejected"] | undefined;
}

const outcomesLost = ["ring_lost", "missed", "undecodable", "refused", "suppressed"] as const;

export function collectLosses({ events, deliveries, containers, rejectedTenants }: LossSources): LossTotal[] {
  const ofEvents = events.flatMap((report) =>
    outcomesLost.map((reason) => ({ reason, event: report.name, total: report[reason], seen: report.seen })),
  );
  // What a destination rejects is in the local log, and named in its metrics; a record about it might be rejected too.
  const ofDestinations = deliveries.flatMap((delivery) => {
    const { expired, unreadable } = delivery.counts();
    return [
      { reason: "expired" as const, destination: delivery.name, total: expired },
      { reason: "unreadable" as const, destination: delivery.name, total: unreadable },
    ];
  });
  const ofContainers: LossTotal[] =
    containers === undefined
      ? []
      : [
          { reason: "evicted", table: "cgroups", total: containers.cgroups.evicted },
          { reason: "evicted", table: "network_namespaces", total: containers.evictedNamespaces },
          { reason: "ring_lost", table: "cgroups", total: containers.lost },
        ];
  const ofTenants: LossTotal[] =
    rejectedTenants === undefined
      ? []
      : [
          { reason: "table_full", table: "tenant_cgroups", total: rejectedTenants.cgroups },
          { reason: "table_full", table: "tenant_namespaces", total: rejectedTenants.namespaces },
        ];
  return [...ofEvents, ...ofDestinations, ...ofContainers, ...ofTenants];
}
