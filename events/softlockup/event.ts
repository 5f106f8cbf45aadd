/** Soft lockups: an early warning of our own, the kernel's verdict, and the end. */
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
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeLockup, kinds } from "./describe.ts";
import { softlockupRecordLayout } from "./record.generated.ts";
import { kerntelSoftlockupEvent, kerntelSoftlockupReports } from "./telemetry.generated.ts";

interface SoftlockupConfig {
  readonly warning_ms: number;
  readonly limit_per_second: number;
}

class Softlockup implements ITracingEvent<SoftlockupConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<SoftlockupConfig>): Promise<void> {
    const programs = ["console", "hrtimer_expire_exit"].filter((name) => context.bpf.hasTracepoint(name));
    if (programs.length === 0)
      throw new UnsupportedEventError(
        "the kernel has neither tracepoint printk:console nor timer:hrtimer_expire_exit",
      );
    using loaded = context.bpf.load({
      object: new URL("softlockup.bpf.o", import.meta.url),
      settings: toSettings(context.config),
      programs,
      unattachedPrograms: ["find_queue"],
      countMaps: ["reports"],
    });
    if (loaded.run("find_queue") !== 0)
      context.log.warn("no early warnings: the kernel has no group scheduling (CONFIG_FAIR_GROUP_SCHED)");
    this.#loaded = loaded;
    context.onReload((config) => {
      loaded.configure(toSettings(config));
    });
    context.attached(loaded.hooks.join(", "));
    await loaded.read(softlockupRecordLayout, (record) => {
      context.save(describeLockup(record, context.bpf));
    });
  }

  update(): MetricData[] {
    const counts = this.#loaded?.counts("reports");
    const points = kinds.map((kind, index) => ({
      attributes: { "kerntel.softlockup.kind": kind },
      value: counts?.get(index) ?? 0,
    }));
    return [sum(kerntelSoftlockupReports, points, this.#startedAt)];
  }
}

function toSettings({ warning_ms, limit_per_second }: SoftlockupConfig): KernelSettings {
  return { ...limitSettings(limit_per_second), warning_ns: Math.round(warning_ms * 1e6) };
}

export function createSoftlockup(): EventTracingAttr<SoftlockupConfig> {
  return {
    tracingData: new Softlockup(),
    event: kerntelSoftlockupEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      warning_ms: {
        type: "number",
        description: "Milliseconds a CPU may be stuck in the kernel, while others want it, before a warning.",
        default: 2_000,
        minimum: 100,
        maximum: 600_000,
      },
      limit_per_second: limitConfig("Warnings, verdicts and recoveries described", 10),
    },
  };
}
