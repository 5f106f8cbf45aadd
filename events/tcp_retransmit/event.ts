/** TCP segments sent again: exact counts by kind, a log record for as many as the limit allows, and the cause. */
import type {
  EventBpf,
  EventTracingAttr,
  KernelSettings,
  LoadedEvent,
  MetricData,
  TracerRecord,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { defineEvent } from "#receiver/tracing/define-event.ts";
import type { EventCounts } from "#receiver/tracing/define-event.ts";
import { readBootNs, readTickNs } from "#receiver/tracing/kernel-clock.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { harmlessReasons } from "./cause.ts";
import { describeRetransmit } from "./describe.ts";
import { tcpRetransmitRecordLayout } from "./record.generated.ts";
import type { TcpRetransmitRecord } from "./record.generated.ts";
import { kerntelTcpRetransmitEvent, kerntelTcpRetransmitRetransmissions } from "./telemetry.generated.ts";

interface TcpRetransmitConfig {
  readonly limit_per_second: number;
  readonly drop_window_ms: number;
}

/** By their numbers in the kernel half. */
const kinds: readonly TcpRetransmitRecord["kind"][] = [
  "syn",
  "syn_ack",
  "fast",
  "timeout",
  "tail_loss_probe",
  "loss_recovery",
];

function kernelSettings({ limit_per_second, drop_window_ms }: TcpRetransmitConfig): KernelSettings {
  return { ...limitSettings(limit_per_second), drop_window_ns: BigInt(drop_window_ms) * 1_000_000n };
}

/** What the tracepoints say has grown; a program must take just the arguments that are there. */
function choosePrograms(bpf: EventBpf): string[] {
  return [
    // First, so that no retransmission is judged without the drop before it.
    bpf.hasTracepoint("kfree_skb", 3) ? "drop_with_reason" : "drop",
    bpf.hasTracepoint("tcp_retransmit_skb", 3) ? "retransmit_with_error" : "retransmit",
    "retransmit_synack",
  ];
}

/** Remembers, for one run, since when no drop can have escaped it. */
function createDescriber(
  context: TracingContext<TcpRetransmitConfig>,
  loaded: LoadedEvent,
): (record: TcpRetransmitRecord) => TracerRecord<object> {
  const { bpf, config } = context;
  const reasons = bpf.enumNames("skb_drop_reason");
  const watch = { windowNs: config.drop_window_ms * 1e6, sinceNs: readBootNs(), missedNs: -Infinity };
  const tickNs = readTickNs();
  let { missed } = loaded.totals();
  context.onReload(({ drop_window_ms }) => {
    // Drops that the shorter window let go are not there for the longer one.
    if (drop_window_ms * 1e6 > watch.windowNs) watch.sinceNs = readBootNs();
    watch.windowNs = drop_window_ms * 1e6;
  });
  return (record) => {
    const missedNow = loaded.totals().missed;
    if (missedNow > missed) watch.missedNs = record.time;
    missed = missedNow;
    return describeRetransmit(record, { watch, tickNs, reasons, bpf });
  };
}

function retransmitMetrics({ counts, startedAt }: EventCounts): MetricData[] {
  const points = [...counts("retransmits")].map(([index, value]) => ({
    attributes: { "kerntel.tcp_retransmit.kind": kinds[index] ?? "unknown" },
    value,
  }));
  return [sum(kerntelTcpRetransmitRetransmissions, points, startedAt)];
}

export function createTcpRetransmit(): EventTracingAttr<TcpRetransmitConfig> {
  return defineEvent({
    event: kerntelTcpRetransmitEvent,
    config: {
      limit_per_second: limitConfig("Retransmissions described", 100),
      drop_window_ms: {
        type: "integer",
        unit: "ms",
        description: "How long a packet dropped on this machine may explain a retransmission.",
        default: 2_000,
        minimum: 1,
        maximum: 60_000,
      },
    },
    object: new URL("tcp_retransmit.bpf.o", import.meta.url),
    requires: { tcp_retransmit_skb: 2, tcp_retransmit_synack: 2, kfree_skb: 2 },
    programs: choosePrograms,
    constants: ({ bpf }) => harmlessReasons(bpf.enumNames("skb_drop_reason")),
    countMaps: ["retransmits"],
    settings: kernelSettings,
    records: (context, loaded) => [[tcpRetransmitRecordLayout, createDescriber(context, loaded)]],
    metrics: retransmitMetrics,
  });
}
