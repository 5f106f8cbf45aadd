/** TCP segments sent again: exact counts by kind, a log record for as many as the limit allows, and the cause. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventBpf,
  EventTracingAttr,
  ITracingEvent,
  KernelSettings,
  LoadedEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
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

class TcpRetransmit implements ITracingEvent<TcpRetransmitConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<TcpRetransmitConfig>): Promise<void> {
    const { bpf } = context;
    const reasons = bpf.enumNames("skb_drop_reason");
    using loaded = bpf.load({
      object: new URL("tcp_retransmit.bpf.o", import.meta.url),
      constants: harmlessReasons(reasons),
      settings: kernelSettings(context.config),
      programs: choosePrograms(bpf),
      countMaps: ["retransmits"],
    });
    this.#loaded = loaded;
    const watch = {
      windowNs: context.config.drop_window_ms * 1e6,
      sinceNs: readBootNs(),
      missedNs: -Infinity,
    };
    context.onReload((config) => {
      loaded.configure(kernelSettings(config));
      // Drops that the shorter window let go are not there for the longer one.
      if (config.drop_window_ms * 1e6 > watch.windowNs) watch.sinceNs = readBootNs();
      watch.windowNs = config.drop_window_ms * 1e6;
    });
    context.attached(loaded.hooks.join(", "));
    const tickNs = readTickNs();
    let { missed } = loaded.totals();
    await loaded.read([
      [
        tcpRetransmitRecordLayout,
        (record): void => {
          const missedNow = loaded.totals().missed;
          if (missedNow > missed) watch.missedNs = record.time;
          missed = missedNow;
          context.save(describeRetransmit(record, { watch, tickNs, reasons, bpf }));
        },
      ],
    ]);
  }

  update(): MetricData[] {
    const counts = this.#loaded?.counts("retransmits") ?? new Map<number, number>();
    const points = [...counts].map(([index, value]) => ({
      attributes: { "kerntel.tcp_retransmit.kind": kinds[index] ?? "unknown" },
      value,
    }));
    return [sum(kerntelTcpRetransmitRetransmissions, points, this.#startedAt)];
  }
}

function kernelSettings({ limit_per_second, drop_window_ms }: TcpRetransmitConfig): KernelSettings {
  return { ...limitSettings(limit_per_second), drop_window_ns: BigInt(drop_window_ms) * 1_000_000n };
}

/** What the tracepoints tell has grown; a program must take just the arguments that are there. */
function choosePrograms(bpf: EventBpf): string[] {
  for (const [tracepoint, count] of [
    ["tcp_retransmit_skb", 2],
    ["tcp_retransmit_synack", 2],
    ["kfree_skb", 2],
  ] as const) {
    if (!bpf.hasTracepoint(tracepoint, count))
      throw new UnsupportedEventError(`the kernel has no tracepoint ${tracepoint}`);
  }
  return [
    // First, so that no retransmission is judged without the drop before it.
    bpf.hasTracepoint("kfree_skb", 3) ? "drop_with_reason" : "drop",
    bpf.hasTracepoint("tcp_retransmit_skb", 3) ? "retransmit_with_error" : "retransmit",
    "retransmit_synack",
  ];
}

export function createTcpRetransmit(): EventTracingAttr<TcpRetransmitConfig> {
  return {
    tracingData: new TcpRetransmit(),
    event: kerntelTcpRetransmitEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
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
  };
}
