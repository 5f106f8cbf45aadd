/** Gaps between the timer ticks of a CPU that was not idle. */
import type { EventTracingAttr, KernelSettings, MetricData } from "#receiver/tracing/contract.ts";
import { defineEvent } from "#receiver/tracing/define-event.ts";
import type { EventCounts } from "#receiver/tracing/define-event.ts";
import { toHistogramValue } from "#receiver/tracing/duration-histogram.ts";
import type { DurationHistogram } from "#receiver/tracing/duration-histogram.ts";
import { HOTPLUG_PROGRAM } from "#receiver/tracing/hotplug.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { histogram } from "#receiver/tracing/metric.ts";
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

function toSettings(config: SchedTickConfig, tickNs: number): KernelSettings {
  const thresholdNs = Math.round(config.threshold_ms * 1e6);
  return {
    ...limitSettings(config.limit_per_second),
    threshold_ns: thresholdNs,
    notice_ns: Math.min(thresholdNs, SILENCE_NS),
    period_ns: tickNs,
  };
}

function gapMetrics({ sums, startedAt }: EventCounts): MetricData[] {
  const points = sums<number, DurationHistogram>("gaps").map(({ key, value }) => ({
    attributes: { "kerntel.sched_tick.cause": causes[key] ?? "other" },
    value: toHistogramValue(value),
  }));
  return [histogram(kerntelSchedTickGapDuration, points, startedAt)];
}

export function createSchedTick(): EventTracingAttr<SchedTickConfig> {
  return defineEvent({
    event: kerntelSchedTickEvent,
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
    object: new URL("sched_tick.bpf.o", import.meta.url),
    requires: { hrtimer_expire_exit: 1 },
    programs: ["hrtimer_expire_exit"],
    optionalPrograms: [HOTPLUG_PROGRAM],
    checks: { find_queue: "the kernel has no group scheduling (CONFIG_FAIR_GROUP_SCHED)" },
    countMaps: ["gaps"],
    usesTick: true,
    settings: toSettings,
    records: [[schedTickRecordLayout, (record, { bpf }) => describeGap(record, bpf)]],
    metrics: gapMetrics,
  });
}
