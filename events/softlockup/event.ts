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
import { HOTPLUG_PROGRAM } from "#receiver/tracing/hotplug.ts";
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeLockup, kinds } from "./describe.ts";
import { LoggedLockups } from "./logged-lockups.ts";
import { softlockupRecordLayout } from "./record.generated.ts";
import { kerntelSoftlockupEvent, kerntelSoftlockupReports } from "./telemetry.generated.ts";

interface SoftlockupConfig {
  readonly warning_ms: number;
  readonly limit_per_second: number;
}

/** A class, because it reads the kernel's log where no hook shows a verdict. */
class Softlockup implements ITracingEvent<SoftlockupConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  readonly #lockups = new LoggedLockups();
  #startedAt = new Date();

  async start(context: TracingContext<SoftlockupConfig>): Promise<void> {
    const programs = ["console", "hrtimer_expire_exit"].filter((name) => context.bpf.hasTracepoint(name));
    using loaded = context.bpf.load({
      object: new URL("softlockup.bpf.o", import.meta.url),
      settings: toSettings(context.config),
      programs,
      optionalPrograms: ["add_taint", HOTPLUG_PROGRAM],
      unattachedPrograms: ["find_queue"],
      countMaps: ["reports"],
    });
    if (loaded.run("find_queue") !== 0)
      context.log.warn("no early warnings: the kernel has no group scheduling (CONFIG_FAIR_GROUP_SCHED)");
    this.#loaded = loaded;
    context.onReload((config) => {
      loaded.configure(toSettings(config));
    });
    using log = hasVerdicts(loaded) ? undefined : this.#followLog(context, programs.length > 0);
    context.attached([...loaded.hooks, ...(log === undefined ? [] : ["/dev/kmsg"])].join(", "));
    await loaded.read([
      [
        softlockupRecordLayout,
        (record): void => {
          context.save(describeLockup(this.#lockups.complete(record), context.bpf));
        },
      ],
    ]);
  }

  /** For a kernel that neither has the tracepoint of its console nor lets the function behind it be hooked. */
  #followLog(context: TracingContext, hasOthers: boolean): Disposable | undefined {
    try {
      return context.followKernelLog({
        onRecord: (line) => {
          const record = this.#lockups.judge(line, context.now());
          if (record === undefined) return;
          context.counters.add("seen");
          if (record === "repeat") context.counters.add("suppressed");
          else context.save(describeLockup(record, context.bpf));
        },
        onOverrun: () => {
          context.log.warn("the kernel said more than could be read: a verdict may be missing");
        },
        onFailed: (error) => {
          context.log.warn("no more verdicts of the kernel", error);
        },
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!hasOthers)
        throw new UnsupportedEventError(`the kernel has neither of the tracepoints; ${reason}`, {
          cause: error,
        });
      context.log.warn(`no verdicts of the kernel: it has no tracepoint printk:console; ${reason}`);
      return undefined;
    }
  }

  update(): MetricData[] {
    const counts = this.#loaded?.counts("reports");
    const points = kinds.map((kind, index) => ({
      attributes: { "kerntel.softlockup.kind": kind },
      value: (counts?.get(index) ?? 0) + (kind === "verdict" ? this.#lockups.verdicts : 0),
    }));
    return [sum(kerntelSoftlockupReports, points, this.#startedAt)];
  }
}

/** Whether the kernel half hears of the watchdog's verdicts, by its line or by what comes behind it. */
function hasVerdicts({ hooks }: LoadedEvent): boolean {
  return hooks.includes("tp_btf/console") || hooks.includes("kprobe/add_taint");
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
        unit: "ms",
        description: "Milliseconds a CPU may be stuck in the kernel, while others want it, before a warning.",
        default: 2_000,
        minimum: 100,
        maximum: 600_000,
      },
      limit_per_second: limitConfig("Warnings, verdicts and recoveries described", 10),
    },
  };
}
