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
      settings: toSettings(context.config),
      programs: tracepoints,
      countMaps: ["vectors"],
    });
    this.#loaded = loaded;
    context.onReload((config) => {
      loaded.configure(toSettings(config));
    });
    context.attached(loaded.hooks.join(", "));
    await loaded.read(softirqRecordLayout, (record) => {
      context.save(describeSoftirq(record, context.bpf));
    });
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

function toSettings(config: SoftirqConfig): KernelSettings {
  return {
    ...limitSettings(config.limit_per_second),
    wait_threshold_ns: Math.round(config.wait_threshold_ms * 1e6),
    run_threshold_ns: Math.round(config.run_threshold_ms * 1e6),
  };
}

function threshold(what: string): NonNullable<EventTracingAttr["config"]>[string] {
  return {
    type: "number",
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
