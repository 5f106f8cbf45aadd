/** Network interfaces: what the kernel tells by rtnetlink, as changes. */
import { once } from "node:events";
import { FlagMetric, FlagTracing } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EthtoolDriver,
  EventTracingAttr,
  ITracingEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { gauge, sum } from "#receiver/tracing/metric.ts";
import { ChangeCounts } from "./change-counts.ts";
import type { Change } from "./change.ts";
import { compileDenyList, defaultDeny } from "./deny-list.ts";
import { describeChange } from "./describe.ts";
import { InterfaceTable } from "./interface-table.ts";
import {
  kerntelNetdevLinkChanges,
  kerntelNetdevLinkEvent,
  kerntelNetdevLinkOverruns,
  kerntelNetdevLinkRunning,
} from "./telemetry.generated.ts";

interface NetdevLinkConfig {
  readonly deny: readonly string[];
}

/** A class, because it has no BPF program: it follows rtnetlink. */
class NetdevLink implements ITracingEvent<NetdevLinkConfig>, Collector {
  readonly #counts = new ChangeCounts();
  readonly #startedAt = new Date();
  #table: InterfaceTable | undefined;
  #isDenied = compileDenyList(defaultDeny);
  #drivers = new Map<number, EthtoolDriver>();
  #overruns = 0;

  async start(context: TracingContext<NetdevLinkConfig>): Promise<void> {
    const { network, signal } = context;
    this.#isDenied = compileDenyList(context.config.deny);
    context.onReload(({ deny }) => {
      this.#isDenied = compileDenyList(deny);
    });
    this.#drivers = new Map();
    const table = new InterfaceTable({ network, isWanted: (link) => !this.#isDenied(link) });
    this.#table = table;
    const watch = network.watchLinks({
      onLink: (link) => {
        this.#report(context, table.take(link));
      },
      onGone: (index) => {
        this.#report(context, table.remove(index));
        this.#drivers.delete(index);
      },
      onSynchronized: () => {
        table.complete();
        // A driver that is gone cannot be asked any more.
        for (const { link } of table.all) if (!this.#isDenied(link)) this.#driverOf(context, link);
      },
      onOverrun: () => {
        this.#overruns += 1;
        context.log.warn("the kernel's messages about interfaces overran: asking for all of them again");
      },
    });
    try {
      sayWhatIsWatched(context);
      context.attached("rtnetlink/link");
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      watch[Symbol.dispose]();
    }
  }

  #report(context: TracingContext<NetdevLinkConfig>, changes: readonly Change[]): void {
    const time = context.now();
    for (const change of changes) {
      const { link } = change.now;
      context.counters.add("seen");
      if (this.#isDenied(link)) {
        context.counters.add("filtered");
        continue;
      }
      this.#counts.add(link.name, change.kind);
      context.save(describeChange(change, time, this.#driverOf(context, link)));
    }
  }

  #driverOf(
    { network }: TracingContext<NetdevLinkConfig>,
    { index, name }: { readonly index: number; readonly name: string },
  ): EthtoolDriver | undefined {
    // One that did not answer may do so later.
    const driver = this.#drivers.get(index) ?? network.driver(name);
    if (driver !== undefined) this.#drivers.set(index, driver);
    return driver;
  }

  update(): MetricData[] {
    const changes = Array.from(this.#counts.points(), ({ name, change, value }) => ({
      attributes: { "network.interface.name": name, "kerntel.netdev_link.change": change },
      value,
    }));
    const running = [...(this.#table?.all ?? [])]
      .filter(({ link }) => !this.#isDenied(link))
      .map(({ link }) => ({
        attributes: { "network.interface.name": link.name },
        value: link.isRunning ? 1 : 0,
      }));
    return [
      sum(kerntelNetdevLinkChanges, changes, this.#startedAt),
      gauge(kerntelNetdevLinkRunning, running),
      sum(kerntelNetdevLinkOverruns, [{ attributes: {}, value: this.#overruns }], this.#startedAt),
    ];
  }
}

function sayWhatIsWatched({ network, log }: TracingContext<NetdevLinkConfig>): void {
  const { name, isHost } = network.namespace();
  if (isHost === false) log.warn(`watches only ${name}, which is not the network namespace of the host`);
}

export function createNetdevLink(): EventTracingAttr<NetdevLinkConfig> {
  return {
    tracingData: new NetdevLink(),
    event: kerntelNetdevLinkEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      deny: {
        type: "array",
        items: { type: "string" },
        description: "Interfaces to leave out: names with * and ?, or kinds as kind:veth.",
        default: defaultDeny,
      },
    },
  };
}
