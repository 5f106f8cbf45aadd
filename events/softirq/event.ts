/** Softirqs: how long each vector waits and runs, and a log record for those that take too long. */
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
const tracepoints = ["softirq_raise", "softirq_entry", "softirq_exit"];

class Softirq implements ITracingEvent<SoftirqConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<SoftirqConfig>): Promise<void> {
    const missing = tracepoints.filter((name) => !context.bpf.hasTracepoint(name));
    if (missing.length > 0)
      throw new UnsupportedEventError(`the kernel has no tracepoint ${missing.join(", ")}`);
    using loaded = context.bpf.load({
      object: new URL("softirq.bpf.o", import.meta.url),
      settings: toSettings(context.config, LONGEST_PERIOD_NS),
      programs: tracepoints,
      optionalPrograms: [HOTPLUG_PROGRAM],
      unattachedPrograms: [CLOCK_PROGRAM],
      countMaps: ["vectors"],
    });
    this.#loaded = loaded;
    let { config } = context;
    let periodNs = LONGEST_PERIOD_NS;
    context.onReload((changed) => {
      config = changed;
      loaded.configure(toSettings(config, periodNs));
    });
    context.attached(loaded.hooks.join(", "));
    const tune = async (): Promise<void> => {
      periodNs = await measureTickPeriod(loaded, context.signal);
      if (!context.signal.aborted) loaded.configure(toSettings(config, periodNs));
    };
    const reading = loaded.read([
      [
        softirqRecordLayout,
        (record): void => {
          context.save(describeSoftirq(record, context.bpf));
        },
      ],
    ]);
    await Promise.all([reading, tune()]);
  }

  update(): MetricData[] {
    const sums = this.#loaded?.sums<number, VectorSums>("vectors") ?? [];
    const points = sums.flatMap(({ key, value }) =>
      (["wait", "run"] as const)
        .filter((stage) => value[stage].sum > 0)
        .map((stage) => ({
          attributes: { "kerntel.softirq.vector": nameVector(key), "kerntel.softirq.stage": stage },
          value: toHistogramValue(value[stage]),
        })),
    );
    return [histogram(kerntelSoftirqDuration, points, this.#startedAt)];
  }
}

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

export function createSoftirq(): EventTracingAttr<SoftirqConfig> {
  return {
    tracingData: new Softirq(),
    event: kerntelSoftirqEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      wait_threshold_ms: threshold("wait after its raise"),
      run_threshold_ms: threshold("run"),
      limit_per_second: limitConfig("Long softirqs described", 10),
    },
  };
}
