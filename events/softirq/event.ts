/** Softirqs: how long each vector waits and runs, and a log record for those that take too long. */
import type { EventTracingAttr, KernelSettings, MetricData } from "#receiver/tracing/contract.ts";
import { defineEvent } from "#receiver/tracing/define-event.ts";
import type { EventCounts } from "#receiver/tracing/define-event.ts";
import { toHistogramValue } from "#receiver/tracing/duration-histogram.ts";
import type { DurationHistogram } from "#receiver/tracing/duration-histogram.ts";
import { HOTPLUG_PROGRAM } from "#receiver/tracing/hotplug.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { histogram } from "#receiver/tracing/metric.ts";
import { describeSoftirq } from "./describe.ts";
import { softirqRecordLayout } from "./record.generated.ts";
import { kerntelSoftirqDuration, kerntelSoftirqEvent } from "./telemetry.generated.ts";
import { nameVector } from "./vectors.ts";

interface SoftirqConfig {
  readonly wait_threshold_ms: number;
  readonly run_threshold_ms: number;
  readonly limit_per_second: number;
}

/** `struct vector_state`, summed over CPUs; what is no sum has no meaning then. */
interface VectorSums {
  readonly wait: DurationHistogram;
  readonly run: DurationHistogram;
}

/** Of the softirqs of one vector in one tick, so many are not timed by the clock before one is again. */
const BURST_SKIPS = 255;

/** What is timed by ticks can only be told from what is long if a threshold is two of them. */
function toSettings(config: SoftirqConfig, periodNs: number): KernelSettings {
  const { wait_threshold_ms, run_threshold_ms, limit_per_second } = config;
  const canSample = Math.min(wait_threshold_ms, run_threshold_ms) * 1e6 >= 2 * periodNs;
  return {
    ...limitSettings(limit_per_second),
    wait_threshold_ns: Math.round(wait_threshold_ms * 1e6),
    run_threshold_ns: Math.round(run_threshold_ms * 1e6),
    burst_skips: canSample ? BURST_SKIPS : 0,
  };
}

function threshold(what: string): NonNullable<EventTracingAttr["config"]>[string] {
  return {
    type: "number",
    unit: "ms",
    description: `Milliseconds a softirq may ${what} before it is reported.`,
    default: 10,
    minimum: 0.001,
    maximum: 60_000,
  };
}

function softirqMetrics({ sums, startedAt }: EventCounts): MetricData[] {
  const points = sums<number, VectorSums>("vectors").flatMap(({ key, value }) =>
    (["wait", "run"] as const)
      .filter((stage) => value[stage].sum > 0)
      .map((stage) => ({
        attributes: { "kerntel.softirq.vector": nameVector(key), "kerntel.softirq.stage": stage },
        value: toHistogramValue(value[stage]),
      })),
  );
  return [histogram(kerntelSoftirqDuration, points, startedAt)];
}

export function createSoftirq(): EventTracingAttr<SoftirqConfig> {
  return defineEvent({
    event: kerntelSoftirqEvent,
    config: {
      wait_threshold_ms: threshold("wait after its raise"),
      run_threshold_ms: threshold("run"),
      limit_per_second: limitConfig("Long softirqs described", 10, false),
    },
    object: new URL("softirq.bpf.o", import.meta.url),
    requires: { softirq_raise: 1, softirq_entry: 1, softirq_exit: 1 },
    programs: ["softirq_raise", "softirq_entry", "softirq_exit"],
    optionalPrograms: [HOTPLUG_PROGRAM],
    countMaps: ["vectors"],
    usesTick: true,
    settings: toSettings,
    records: [[softirqRecordLayout, (record, { bpf }) => describeSoftirq(record, bpf)]],
    metrics: softirqMetrics,
  });
}
