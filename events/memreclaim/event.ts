/** Tasks that wait because they must free memory themselves: a histogram of all, a log record for the long ones. */
import { turnCgroupPath } from "#bpf/layout/fields.ts";
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
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { memoryLimitConstants } from "#receiver/tracing/memory-limit.ts";
import { histogram, sum } from "#receiver/tracing/metric.ts";
import type { HistogramValue, MetricPoint } from "#receiver/tracing/metric.ts";
import { findCauseFunctions } from "./causes.ts";
import { describeStall, kinds, nameKind } from "./describe.ts";
import type { Kind } from "./describe.ts";
import { memreclaimRecordLayout } from "./record.generated.ts";
import { StallSeries } from "./stall-series.ts";
import type { DurationKey } from "./stall-series.ts";
import {
  kerntelMemreclaimDuration,
  kerntelMemreclaimEvent,
  kerntelMemreclaimUnmeasured,
} from "./telemetry.generated.ts";

interface MemreclaimConfig {
  readonly threshold_ms: number;
  readonly limit_per_second: number;
}

/** Programs that measure sleep at the brake of memory.high, best first. */
const brakes = [
  ["brake_begin", "brake_end"],
  ["brake_probe_begin", "brake_probe_end"],
] as const;
const brakeHook = /schedule_timeout_killable$/;
const missingBrake =
  "sleep at the brake of memory.high is not seen: this kernel takes neither fentry nor kprobes";
const missingCauses =
  "the brake of memory.high is not seen, and writes to memory.max and memory.reclaim count as waits at a limit: " +
  "this kernel does not show its symbols (CAP_SYSLOG, kernel.kptr_restrict)";

/** Of the kernel half's map of cgroups. */
interface CgroupValue {
  /** 0 as long as the path is not there. */
  readonly hierarchy: bigint;
  readonly removed_ns: bigint;
  readonly path: string;
}

/** A class, because it forgets the series of cgroups that are gone at each collection and at the end of a run. */
class Memreclaim implements ITracingEvent<MemreclaimConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #isAttached = false;
  #containerId: TracingContext["containerId"] = () => undefined;
  readonly #series = new StallSeries();
  #startedAt = new Date();

  async start(context: TracingContext<MemreclaimConfig>): Promise<void> {
    const results = context.bpf.enumNames("compact_result");
    const causes = findCauseFunctions(context.bpf);
    using loaded = context.bpf.load({
      object: new URL("memreclaim.bpf.o", import.meta.url),
      constants: memoryLimitConstants(context.pageSizeBytes),
      settings: settingsOf(context.config),
      prepare: (maps) => {
        if (causes !== undefined) maps.map("cause_functions").update(0, causes);
        return {};
      },
      programs: choosePrograms(context.bpf),
      optionalPrograms: ["memcg_reclaim"],
      alternatives: causes === undefined ? [] : brakes,
      countMaps: ["durations", "other_durations", "unmeasured"],
    });
    this.#loaded = loaded;
    this.#containerId = context.containerId;
    context.onReload((config) => {
      loaded.configure(settingsOf(config));
    });
    context.attached(loaded.hooks.join(", "), missingOf(loaded.hooks, causes));
    this.#isAttached = true;
    try {
      await loaded.read([
        [
          memreclaimRecordLayout,
          (record): void => {
            context.save(describeStall(record, context, results));
          },
        ],
      ]);
    } finally {
      // The last look at the names of what was counted.
      this.#forgetGone(loaded);
      this.#isAttached = false;
    }
  }

  update(): MetricData[] {
    if (this.#loaded !== undefined && this.#isAttached) this.#forgetGone(this.#loaded);
    const sums = this.#loaded?.sums<DurationKey, DurationHistogram>("durations") ?? [];
    const points = this.#series.read(sums).map(({ kind, containerId, ...value }) => ({
      attributes: {
        "kerntel.memreclaim.kind": nameKind(kind),
        ...(containerId === undefined ? {} : { "container.id": containerId }),
      },
      value: toHistogramValue(value),
    }));
    const unmeasured = this.#loaded?.counts("unmeasured").get(0) ?? 0;
    return [
      histogram(kerntelMemreclaimDuration, [...points, ...this.#overflow()], this.#startedAt),
      sum(kerntelMemreclaimUnmeasured, [{ attributes: {}, value: unmeasured }], this.#startedAt),
    ];
  }

  /** Learns whose counts there are, and makes room where somebody is gone. */
  #forgetGone(loaded: LoadedEvent): void {
    const sums = loaded.sums<DurationKey, DurationHistogram>("durations");
    const cgroups = loaded.map("cgroups");
    const entries = [...(cgroups.entries() as Iterable<[bigint, CgroupValue]>)];
    const named = entries.filter(([, { hierarchy }]) => hierarchy !== 0n);
    const counted = named.map(([id, value]) => {
      const subject = { kind: "cgroup", id, path: turnCgroupPath(value.path) } as const;
      return { id, containerId: this.#containerId(subject), isRemoved: value.removed_ns !== 0n };
    });
    const durations = loaded.map("durations");
    for (const cgroup_id of this.#series.note(counted, sums, performance.now())) {
      for (const kind of kinds.keys()) durations.delete({ cgroup_id, kind: BigInt(kind) });
      cgroups.delete(cgroup_id);
    }
  }

  /** Only where there was any: it asks for attention. */
  #overflow(): MetricPoint<
    { "kerntel.memreclaim.kind": Kind; "otel.metric.overflow": boolean },
    HistogramValue
  >[] {
    const others = this.#loaded?.sums<number, DurationHistogram>("other_durations") ?? [];
    return others
      .map(({ key, value }) => ({
        attributes: { "kerntel.memreclaim.kind": nameKind(key), "otel.metric.overflow": true },
        value: toHistogramValue(value),
      }))
      .filter(({ value }) => value.counts.some((count) => count > 0));
  }
}

/** What is not seen on this kernel, and why; empty where all is. */
function missingOf(hooks: readonly string[], causes: object | undefined): string {
  if (causes === undefined) return missingCauses;
  return hooks.some((hook) => brakeHook.test(hook)) ? "" : missingBrake;
}

/** Those whose tracepoint this kernel has; each kind needs both its ends. */
function choosePrograms(bpf: EventBpf): readonly string[] {
  const has = (name: string, programs: readonly string[]): readonly string[] =>
    bpf.hasTracepoint(name) ? programs : [];
  const compactionEnd = bpf.hasTracepoint("mm_compaction_end", 6)
    ? "compaction_end_without_control"
    : "compaction_end";
  const waits = [
    ...has("mm_vmscan_direct_reclaim_begin", ["direct_begin", "direct_end"]),
    ...has("mm_vmscan_memcg_reclaim_begin", ["memcg_begin", "memcg_end"]),
    ...has("mm_compaction_begin", ["compaction_try", "compaction_begin", compactionEnd]),
  ];
  if (waits.length === 0) throw new UnsupportedEventError("the kernel has no tracepoints of memory reclaim");
  return [...waits, ...has("cgroup_rmdir", ["cgroup_removed"])];
}

function settingsOf({ threshold_ms, limit_per_second }: MemreclaimConfig): KernelSettings {
  return { threshold_ns: BigInt(threshold_ms) * 1_000_000n, ...limitSettings(limit_per_second) };
}

export function createMemreclaim(): EventTracingAttr<MemreclaimConfig> {
  return {
    tracingData: new Memreclaim(),
    event: kerntelMemreclaimEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      threshold_ms: {
        type: "integer",
        unit: "ms",
        description: "Waits for memory that were at least so long are described, in milliseconds. 0: all.",
        default: 900,
        minimum: 0,
        maximum: 86_400_000,
      },
      limit_per_second: limitConfig("Waits described", 100),
    },
  };
}
