/** Transmit queues that stand still: the watchdog's verdict, and stalls that byte queue limits saw. */
import type { EventTracingAttr, MetricData } from "#receiver/tracing/contract.ts";
import { defineEvent } from "#receiver/tracing/define-event.ts";
import type { EventCounts } from "#receiver/tracing/define-event.ts";
import { readTickNs } from "#receiver/tracing/kernel-clock.ts";
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

function timeoutMetrics({ sums, startedAt }: EventCounts): MetricData[] {
  const points = sums<TimeoutKey, number>("timeouts").map(({ key, value }) => ({
    attributes: {
      "network.interface.name": key.interface,
      "kerntel.netdev_txqueue_timeout.kind": nameKind(key.kind),
    },
    value,
  }));
  return [sum(kerntelNetdevTxqueueTimeoutTimeouts, points, startedAt)];
}

export function createNetdevTxqueueTimeout(): EventTracingAttr<TimeoutConfig> {
  return defineEvent({
    event: kerntelNetdevTxqueueTimeoutEvent,
    config: { limit_per_second: limitConfig("Timeouts described", 100, false) },
    object: new URL("netdev_txqueue_timeout.bpf.o", import.meta.url),
    requires: { net_dev_xmit_timeout: 2 },
    programs: ["net_dev_xmit_timeout"],
    optionalPrograms: ["dql_stall_detected"],
    countMaps: ["timeouts"],
    settings: ({ limit_per_second }) => limitSettings(limit_per_second),
    records: () => {
      const tickNs = readTickNs();
      return [[netdevTxqueueTimeoutRecordLayout, (record) => describeTimeout(record, tickNs)]];
    },
    metrics: timeoutMetrics,
  });
}
