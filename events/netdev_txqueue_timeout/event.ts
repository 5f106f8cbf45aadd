/** Transmit queues that stand still: the watchdog's verdict, and stalls that byte queue limits saw. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventTracingAttr,
  ITracingEvent,
  LoadedEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeTimeout, nameKind } from "./describe.ts";
import { netdevTxqueueTimeoutRecordLayout } from "./record.generated.ts";
import {
  kerntelNetdevTxqueueTimeoutEvent,
  kerntelNetdevTxqueueTimeoutTimeouts,
} from "./telemetry.generated.ts";

interface TimeoutConfig {
  readonly limit_per_second: number;
}

interface TimeoutKey {
  readonly interface: string;
  readonly kind: number;
}

class NetdevTxqueueTimeout implements ITracingEvent<TimeoutConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<TimeoutConfig>): Promise<void> {
    if (!context.bpf.hasTracepoint("net_dev_xmit_timeout", 2)) {
      throw new UnsupportedEventError("the kernel has no tracepoint net:net_dev_xmit_timeout");
    }
    using loaded = context.bpf.load({
      object: new URL("netdev_txqueue_timeout.bpf.o", import.meta.url),
      settings: limitSettings(context.config.limit_per_second),
      programs: ["net_dev_xmit_timeout"],
      optionalPrograms: ["dql_stall_detected"],
      countMaps: ["timeouts"],
    });
    this.#loaded = loaded;
    context.onReload(({ limit_per_second }) => {
      loaded.configure(limitSettings(limit_per_second));
    });
    context.attached(loaded.hooks.join(", "));
    await loaded.read([
      [
        netdevTxqueueTimeoutRecordLayout,
        (record): void => {
          context.save(describeTimeout(record));
        },
      ],
    ]);
  }

  update(): MetricData[] {
    const points = (this.#loaded?.sums<TimeoutKey, number>("timeouts") ?? []).map(({ key, value }) => ({
      attributes: {
        "network.interface.name": key.interface,
        "kerntel.netdev_txqueue_timeout.kind": nameKind(key.kind),
      },
      value,
    }));
    return [sum(kerntelNetdevTxqueueTimeoutTimeouts, points, this.#startedAt)];
  }
}

export function createNetdevTxqueueTimeout(): EventTracingAttr<TimeoutConfig> {
  return {
    tracingData: new NetdevTxqueueTimeout(),
    event: kerntelNetdevTxqueueTimeoutEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: { limit_per_second: limitConfig("Timeouts described", 100) },
  };
}
