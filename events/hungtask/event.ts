/** Tasks that are blocked for too long: found by the kernel's detector, and before it by a scan of our own. */
import { FlagMetric, FlagTracing } from "#receiver/tracing/contract.ts";
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
import { gauge, sum } from "#receiver/tracing/metric.ts";
import { describeHungTask, detectors } from "./describe.ts";
import { hungtaskRecordLayout } from "./record.generated.ts";
import { Repeater } from "./repeater.ts";
import { kerntelHungtaskBlocked, kerntelHungtaskEvent, kerntelHungtaskTasks } from "./telemetry.generated.ts";

interface HungtaskConfig {
  readonly threshold_ms: number;
  readonly fold_ms: number;
  readonly limit_per_second: number;
}

/** No more often than this: a scan visits every thread. */
const LEAST_INTERVAL_MS = 100;

/** A class, because it scans all tasks by its own timer. */
class Hungtask implements ITracingEvent<HungtaskConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  /** Of the last scan. */
  #blocked: number | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<HungtaskConfig>): Promise<void> {
    // A kernel without CONFIG_DETECT_HUNG_TASK has no detector of its own.
    const kernelDetector = context.bpf.hasTracepoint("sched_process_hang", 1) ? ["sched_process_hang"] : [];
    using loaded = context.bpf.load({
      object: new URL("hungtask.bpf.o", import.meta.url),
      settings: settingsOf(context.config),
      programs: [...kernelDetector, "scan"],
      unattachedPrograms: ["tell_folded"],
      countMaps: ["found"],
    });
    this.#loaded = loaded;
    const fail = (error: unknown): void => {
      context.log.warn("hung tasks could not be looked for", error);
    };
    using scans = new Repeater(() => {
      this.#blocked = scanOnce(loaded);
    }, fail);
    using tellings = new Repeater(() => {
      // Nothing repeats while nothing hangs.
      if (loaded.run("tell_folded") === 0) tellings.stop();
    }, fail);
    scans.every(scanIntervalMs(context.config));
    let { fold_ms } = context.config;
    context.onReload((config) => {
      loaded.configure(settingsOf(config));
      scans.every(scanIntervalMs(config));
      if (!scans.isRunning) this.#blocked = undefined;
      ({ fold_ms } = config);
      // Also where nothing is folded any more: what was folded before is told.
      if (tellings.isRunning) tellings.every(Math.max(LEAST_INTERVAL_MS, fold_ms));
    });
    using closing = onAbort(context.signal, () => {
      // What is folded is told now, and nothing is folded any more: the books must close.
      loaded.configure({ fold_ns: 0n, limit_interval_ns: 0n });
      loaded.run("tell_folded");
    });
    void closing;
    context.attached(loaded.hooks.join(", "));
    await loaded.read([
      [
        hungtaskRecordLayout,
        (record): void => {
          if (!tellings.isRunning && fold_ms > 0) tellings.every(Math.max(LEAST_INTERVAL_MS, fold_ms));
          context.save(describeHungTask(record, context));
        },
      ],
    ]);
    this.#blocked = undefined;
  }

  update(): MetricData[] {
    const counts = this.#loaded?.counts("found");
    const points = detectors.map((detector, index) => ({
      attributes: { "kerntel.hungtask.detector": detector },
      value: counts?.get(index) ?? 0,
    }));
    const blocked = this.#blocked === undefined ? [] : [{ attributes: {}, value: this.#blocked }];
    return [sum(kerntelHungtaskTasks, points, this.#startedAt), gauge(kerntelHungtaskBlocked, blocked)];
  }
}

/** Returns how many tasks were blocked for too long. */
function scanOnce(loaded: LoadedEvent): number {
  const counter = loaded.map("blocked_now");
  counter.update(0, 0n);
  loaded.iterate("scan");
  return Number(counter.lookup(0));
}

/** Before the framework's own listener, which detaches and reads what is left; not after this run has ended. */
function onAbort(signal: AbortSignal, act: () => void): Disposable {
  signal.addEventListener("abort", act, { once: true });
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", act);
    },
  };
}

function settingsOf({ threshold_ms, fold_ms, limit_per_second }: HungtaskConfig): KernelSettings {
  return {
    threshold_ns: BigInt(threshold_ms) * 1_000_000n,
    fold_ns: BigInt(fold_ms) * 1_000_000n,
    ...limitSettings(limit_per_second),
  };
}

/** Two looks within the threshold. */
function scanIntervalMs({ threshold_ms }: HungtaskConfig): number {
  return threshold_ms === 0 ? 0 : Math.max(LEAST_INTERVAL_MS, threshold_ms / 2);
}

export function createHungtask(): EventTracingAttr<HungtaskConfig> {
  return {
    tracingData: new Hungtask(),
    event: kerntelHungtaskEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      threshold_ms: {
        type: "integer",
        unit: "ms",
        description:
          "How long a task may be blocked before it is reported, in milliseconds; looked for twice as often. 0: only the kernel's own detector.",
        default: 30_000,
        minimum: 0,
        maximum: 86_400_000,
      },
      fold_ms: {
        type: "integer",
        unit: "ms",
        description:
          "Tasks blocked where another is already are told in one record, so often, in milliseconds. 0: each by itself.",
        default: 60_000,
        minimum: 0,
        maximum: 86_400_000,
      },
      limit_per_second: limitConfig("Records about tasks blocked where another is", 10),
    },
  };
}
