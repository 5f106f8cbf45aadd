/** Receive latency: how old packets are at each stage, and a log record for those that took too long. */
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
import { toHistogramValue } from "#receiver/tracing/duration-histogram.ts";
import type { DurationHistogram } from "#receiver/tracing/duration-histogram.ts";
import { keepReceiveTimestamps } from "#receiver/tracing/kernel-clock.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { histogram, sum } from "#receiver/tracing/metric.ts";
import { LONGEST_PERIOD_NS, measureTickPeriod } from "#receiver/tracing/tick-period.ts";
import { describeLatePacket } from "./describe.ts";
import type { Stage } from "./describe.ts";
import { loadLatency } from "./load.ts";
import { ReceiveClock } from "./receive-clock.ts";
import { netRxLatencyRecordLayout } from "./record.generated.ts";
import {
  kerntelNetRxLatencyDuration,
  kerntelNetRxLatencyEvent,
  kerntelNetRxLatencyLatePackets,
  kerntelNetRxLatencyUnmeasuredPackets,
} from "./telemetry.generated.ts";
import { latencyConfig, thresholdSettings } from "./thresholds.ts";
import type { Thresholds } from "./thresholds.ts";

interface NetRxLatencyConfig extends Thresholds {
  readonly limit_per_second: number;
}

/** By their numbers in the kernel half. */
const stages: readonly Stage[] = ["to_stack", "to_transport", "to_user"];

/** `struct stage_counts`, summed. */
interface StageCounts {
  readonly durations: DurationHistogram;
  readonly late: number;
  readonly unmeasured: number;
}

/** A class, because it follows steps of the clock and keeps receive timestamps switched on while it runs. */
class NetRxLatency implements ITracingEvent<NetRxLatencyConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<NetRxLatencyConfig>): Promise<void> {
    requireTracepoints(context.bpf);
    const usesTai = [...context.bpf.enumNames("bpf_func_id").values()].includes("BPF_FUNC_ktime_get_tai_ns");
    using clock = new ReceiveClock({
      usesTai,
      configure: (settings) => this.#loaded?.configure(settings),
    });
    using loaded = loadLatency(context, {
      constants: { has_tai_clock: usesTai },
      settings: {
        ...clock.settings(),
        ...tickSettings(LONGEST_PERIOD_NS),
        ...kernelSettings(context.config),
      },
    });
    this.#loaded = loaded;
    context.onReload((config) => {
      loaded.configure(kernelSettings(config));
    });
    using stamps = keepReceiveTimestamps();
    void stamps;
    context.attached(loaded.hooks.join(", "));
    const tune = async (): Promise<void> => {
      const periodNs = await measureTickPeriod(loaded, context.signal);
      if (!context.signal.aborted) loaded.configure(tickSettings(periodNs));
    };
    const reading = loaded.read([
      [
        netRxLatencyRecordLayout,
        (record): void => {
          if (clock.trusts(record)) context.save(describeLatePacket(record));
          else context.counters.add("filtered");
        },
      ],
    ]);
    await Promise.all([reading, tune()]);
  }

  update(): MetricData[] {
    const sums = this.#loaded?.sums<number, StageCounts>("stages") ?? [];
    const points = <Value>(
      read: (counts: StageCounts) => Value,
    ): { attributes: { "kerntel.net_rx_latency.stage": Stage }; value: Value }[] =>
      sums.map(({ key, value }) => ({
        attributes: { "kerntel.net_rx_latency.stage": stages[key] ?? "unknown" },
        value: read(value),
      }));
    return [
      histogram(
        kerntelNetRxLatencyDuration,
        points(({ durations }) => toHistogramValue(durations)),
        this.#startedAt,
      ),
      sum(
        kerntelNetRxLatencyLatePackets,
        points(({ late }) => late),
        this.#startedAt,
      ),
      sum(
        kerntelNetRxLatencyUnmeasuredPackets,
        points(({ unmeasured }) => unmeasured),
        this.#startedAt,
      ),
    ];
  }
}

function requireTracepoints(bpf: EventBpf): void {
  for (const [name, count] of [
    ["netif_receive_skb", 1],
    ["tcp_probe", 2],
    ["skb_copy_datagram_iovec", 1],
  ] as const) {
    if (!bpf.hasTracepoint(name, count))
      throw new UnsupportedEventError(`the kernel has no tracepoint ${name}`);
  }
}

/** Longer by what the measurement may be wrong. */
function tickSettings(periodNs: number): KernelSettings {
  return { tick_ns: Math.round(periodNs * 1.05) };
}

function kernelSettings(config: NetRxLatencyConfig): KernelSettings {
  return { ...limitSettings(config.limit_per_second), ...thresholdSettings(config) };
}

export function createNetRxLatency(): EventTracingAttr<NetRxLatencyConfig> {
  return {
    tracingData: new NetRxLatency(),
    event: kerntelNetRxLatencyEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: { ...latencyConfig, limit_per_second: limitConfig("Late packets described", 100) },
  };
}
