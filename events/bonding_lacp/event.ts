/** LACP: ports of 802.3ad bonds and what their partners say, by the bonding driver, rtnetlink and `/proc/net/bonding`. */
import { once } from "node:events";
import { FlagMetric, FlagTracing } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventNetwork,
  EventTracingAttr,
  ITracingEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { gauge, sum } from "#receiver/tracing/metric.ts";
import { readBondFile } from "./bond-file.ts";
import type { PortDetails } from "./bond-file.ts";
import { describeChange } from "./describe.ts";
import type { Surroundings } from "./describe.ts";
import { DriverHook } from "./driver-hook.ts";
import { readRecord } from "./read-record.ts";
import { isInService } from "./port-state.ts";
import { PortTable } from "./port-table.ts";
import type { Change, ChangeKind, Port } from "./port-table.ts";
import {
  kerntelBondingLacpChanges,
  kerntelBondingLacpEvent,
  kerntelBondingLacpPorts,
} from "./telemetry.generated.ts";

interface LacpConfig {
  readonly poll_seconds: number;
}

/** A class, because its BPF program is loaded only while there is a bond; ports come from rtnetlink. */
class BondingLacp implements ITracingEvent<LacpConfig>, Collector {
  readonly #startedAt = new Date();
  readonly #counts = new Map<string, Map<ChangeKind, number>>();
  #table: PortTable | undefined;

  async start(context: TracingContext<LacpConfig>): Promise<void> {
    const { network, signal } = context;
    let pollMs = context.config.poll_seconds * 1_000;
    context.onReload(({ poll_seconds }) => {
      pollMs = poll_seconds * 1_000;
    });
    const hook = new DriverHook(context, (record) => {
      const changes = table.hear(record);
      // The kernel half has counted the record once.
      if (changes.length === 0) context.counters.add("filtered");
      else context.counters.add("seen", changes.length - 1);
      const { time } = record;
      this.#report(context, table, changes, () => ({ time, source: "kprobe", details: readRecord(record) }));
    });
    const table = new PortTable(network, {
      now: () => context.now(),
      onJoined: (index) => hook.forget(index),
    });
    this.#table = table;
    const take = (changes: readonly Change[]): void => {
      hook.follow(!table.isEmpty);
      table.isHooked = hook.isOpen;
      context.counters.add("seen", changes.length);
      if (changes.length === 0) return;
      const time = context.now();
      this.#report(context, table, changes, ({ now }) => ({
        time,
        source: "rtnetlink",
        details: readDetails(network, now),
      }));
    };
    let timer: NodeJS.Timeout | undefined;
    const watch = network.watchLinks({
      onLink: (link) => {
        take(table.take(link));
        if (!table.isEmpty) poll();
      },
      onGone: (index) => {
        take(table.remove(index));
      },
      onSynchronized: () => {
        table.complete();
      },
      onOverrun: () => {
        context.log.warn("the kernel's messages about interfaces overran: asking for all of them again");
      },
    });
    // The kernel tells when a port begins or ends to serve, and not of every other bit; nobody asks without a bond.
    const poll = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!table.isEmpty) watch.refresh();
      }, pollMs).unref();
    };
    try {
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      clearTimeout(timer);
      watch[Symbol.dispose]();
      await hook.ended();
    }
  }

  #report(
    context: TracingContext<LacpConfig>,
    table: PortTable,
    changes: readonly Change[],
    lookAround: (change: Change) => Omit<Surroundings, "aggregatorPorts">,
  ): void {
    for (const change of changes) {
      const { bondName, bondIndex } = change.now;
      const counts = this.#counts.get(bondName) ?? new Map<ChangeKind, number>();
      this.#counts.set(bondName, counts.set(change.kind, (counts.get(change.kind) ?? 0) + 1));
      const aggregatorPorts = table.aggregatorPorts(bondIndex);
      context.save(describeChange(change, { ...lookAround(change), aggregatorPorts }));
    }
  }

  update(): MetricData[] {
    const changes = Array.from(this.#counts, ([bond, counts]) =>
      Array.from(counts, ([change, value]) => ({
        attributes: { "kerntel.bonding_lacp.bond": bond, "kerntel.bonding_lacp.change": change },
        value,
      })),
    ).flat();
    return [
      sum(kerntelBondingLacpChanges, changes, this.#startedAt),
      gauge(kerntelBondingLacpPorts, countPorts(this.#table?.ports ?? [])),
    ];
  }
}

interface PortCount {
  readonly attributes: {
    readonly "kerntel.bonding_lacp.bond": string;
    readonly "kerntel.bonding_lacp.in_service": boolean;
  };
  readonly value: number;
}

function countPorts(ports: Iterable<Port>): PortCount[] {
  const groups = Map.groupBy(ports, ({ bondName }) => bondName);
  return Array.from(groups, ([bond, members]) =>
    [true, false].map((inService) => ({
      attributes: { "kerntel.bonding_lacp.bond": bond, "kerntel.bonding_lacp.in_service": inService },
      value: members.filter(({ actorState }) => isInService(actorState) === inService).length,
    })),
  ).flat();
}

/** Where the bond is gone, or its file cannot be read, the change is told without. */
function readDetails(
  network: Pick<EventNetwork, "bondFile">,
  { bondName, name }: Port,
): PortDetails | undefined {
  try {
    return readBondFile(network.bondFile(bondName)).get(name);
  } catch {
    return undefined;
  }
}

export function createBondingLacp(): EventTracingAttr<LacpConfig> {
  return {
    tracingData: new BondingLacp(),
    event: kerntelBondingLacpEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      poll_seconds: {
        type: "integer",
        unit: "s",
        description:
          "How often ports are looked at for what the kernel does not tell, while there is an 802.3ad bond.",
        default: 10,
        minimum: 1,
        maximum: 3_600,
      },
    },
  };
}
