/** Gaps between the timer ticks of a CPU that was not idle. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventTracingAttr,
  ITracingEvent,
  KernelSettings,
  LoadedEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { toHistogramValue } from "#receiver/tracing/duration-histogram.ts";
import type { DurationHistogram } from "#receiver/tracing/duration-histogram.ts";
import { HOTPLUG_PROGRAM } from "#receiver/tracing/hotplug.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { histogram } from "#receiver/tracing/metric.ts";
import { CLOCK_PROGRAM, LONGEST_PERIOD_NS, measureTickPeriod } from "#receiver/tracing/tick-period.ts";
import { describeGap } from "./describe.ts";
import { schedTickRecordLayout } from "./record.generated.ts";
import { kerntelSchedTickEvent, kerntelSchedTickGapDuration } from "./telemetry.generated.ts";

interface SchedTickConfig {
  readonly threshold_ms: number;
  readonly limit_per_second: number;
}

/** By key of the kernel half's map. */
const causes = ["other", "steal", "pause"] as const;

/** SILENCE_NS of bpf/include/standstill.h. */
const SILENCE_NS = 500_000_000;

class SchedTick implements ITracingEvent<SchedTickConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<SchedTickConfig>): Promise<void> {
    if (!context.bpf.hasTracepoint("hrtimer_expire_exit"))
      throw new UnsupportedEventError("the kernel has no tracepoint timer:hrtimer_expire_exit");
    using loaded = context.bpf.load({
      object: new URL("sched_tick.bpf.o", import.meta.url),
      settings: { ...toSettings(context.config), period_ns: LONGEST_PERIOD_NS },
      programs: ["hrtimer_expire_exit"],
      optionalPrograms: [HOTPLUG_PROGRAM],
      unattachedPrograms: ["find_queue", CLOCK_PROGRAM],
      countMaps: ["gaps"],
    });
    if (loaded.run("find_queue") !== 0)
      throw new UnsupportedEventError("the kernel has no group scheduling (CONFIG_FAIR_GROUP_SCHED)");
    this.#loaded = loaded;
    context.onReload((config) => {
      loaded.configure(toSettings(config));
    });
    context.attached(loaded.hooks.join(", "));
    const tune = async (): Promise<void> => {
      const periodNs = await measureTickPeriod(loaded, context.signal);
      if (!context.signal.aborted) loaded.configure({ period_ns: periodNs });
    };
    const reading = loaded.read([
      [
        schedTickRecordLayout,
        (record): void => {
          context.save(describeGap(record, context.bpf));
        },
      ],
    ]);
    await Promise.all([reading, tune()]);
  }

  update(): MetricData[] {
    const sums = this.#loaded?.sums<number, DurationHistogram>("gaps") ?? [];
    const points = sums.map(({ key, value }) => ({
      attributes: { "kerntel.sched_tick.cause": causes[key] ?? "other" },
      value: toHistogramValue(value),
    }));
    return [histogram(kerntelSchedTickGapDuration, points, this.#startedAt)];
  }
}

function toSettings(config: SchedTickConfig): KernelSettings {
  const thresholdNs = Math.round(config.threshold_ms * 1e6);
  return {
    ...limitSettings(config.limit_per_second),
    threshold_ns: thresholdNs,
    notice_ns: Math.min(thresholdNs, SILENCE_NS),
  };
}

export function createSchedTick(): EventTracingAttr<SchedTickConfig> {
  return {
    tracingData: new SchedTick(),
    event: kerntelSchedTickEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      threshold_ms: {
        type: "number",
        unit: "ms",
        description: "Milliseconds between two ticks of a busy CPU before that is reported.",
        default: 10,
        minimum: 1,
        maximum: 60_000,
      },
      limit_per_second: limitConfig("Gaps described", 10),
    },
  };
}
