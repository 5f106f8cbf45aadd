/** Dropped packets: exact counts by reason, a log record for the first of a kind, and a summary of the rest. */
import { randomBytes } from "node:crypto";
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
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { KernelFilter, filterConfig } from "#receiver/tracing/packet-filter.ts";
import { CgroupPaths } from "./cgroup-paths.ts";
import { describeDrop } from "./describe.ts";
import { writeFreeingFunctions } from "./freeing-functions.ts";
import {
  CONTROL_RULE,
  countHardware,
  describeHardwareDrop,
  describeHardwareSummary,
  findTrap,
  hardwareConfig,
  isHardware,
} from "./hardware.ts";
import { makeNoiseTable } from "./noise-table.ts";
import { noiseConfig, ruleNames } from "./noise.ts";
import type { NoiseConfig } from "./noise.ts";
import { nameReason } from "./reason.ts";
import { dropwatchNoticeLayout, dropwatchRecordLayout, dropwatchSummaryLayout } from "./record.generated.ts";
import { describeSummary } from "./summary.ts";
import {
  kerntelDropwatchEvent,
  kerntelDropwatchFiltered,
  kerntelDropwatchHardwarePackets,
  kerntelDropwatchPackets,
  kerntelDropwatchUnsummarized,
} from "./telemetry.generated.ts";
import { DropWindows } from "./windows.ts";

interface DropwatchConfig extends NoiseConfig {
  readonly limit_per_second: number;
  readonly window_seconds: number;
  readonly filter: string;
  readonly hardware: boolean;
}

/** What the kernel half counts of all drops; bpf's `struct drop_counts`. */
interface DropCounts {
  readonly reasons: readonly number[];
  readonly rules: readonly number[];
  readonly unsummarized: number;
}

/** A class, because windows of drops are closed by its own timer, and its rules are written into maps before it is attached. */
class Dropwatch implements ITracingEvent<DropwatchConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #reasons: ReadonlyMap<number, string> = new Map();
  #startedAt = new Date();

  async start(context: TracingContext<DropwatchConfig>): Promise<void> {
    const { bpf, config, signal } = context;
    this.#reasons = bpf.enumNames("skb_drop_reason");
    const filter = new KernelFilter();
    const writeRules = (maps: Pick<LoadedEvent, "map">, now: DropwatchConfig): KernelSettings => {
      maps.map("noise").update(
        0,
        makeNoiseTable(now, this.#reasons, bpf, (name) => {
          context.log.warn(`noise_functions: this kernel shows no function ${name}`);
        }),
      );
      return { ...writeFreeingFunctions(maps, bpf), ...filter.write(maps, now.filter) };
    };
    const hasTraps = bpf.hasTracepoint("devlink_trap_report", 3);
    if (config.hardware && !hasTraps)
      context.log.info("drops by hardware are not told: the kernel has no tracepoint devlink_trap_report");
    using loaded = bpf.load({
      object: new URL("dropwatch.bpf.o", import.meta.url),
      constants: { kind_seed: randomBytes(8).readBigUInt64LE() },
      settings: {
        ...limitSettings(config.limit_per_second),
        watch_hardware: config.hardware ? 1 : 0,
        window: config.window_seconds === 0 ? 0n : 1n,
      },
      programs: [chooseProgram(bpf), ...(hasTraps ? ["trap_report"] : [])],
      unattachedPrograms: ["flush_windows"],
      countMaps: ["drop_counts", "other_reasons", "trap_counts"],
      prepare: (maps) => writeRules(maps, config),
    });
    this.#loaded = loaded;
    const windows = new DropWindows(loaded, config.window_seconds, signal);
    const paths = new CgroupPaths();
    context.onReload((now) => {
      loaded.configure({
        ...limitSettings(now.limit_per_second),
        watch_hardware: now.hardware ? 1 : 0,
        ...writeRules(loaded, now),
      });
      windows.setLength(now.window_seconds);
    });
    context.attached(loaded.hooks.join(", "));
    await loaded.read([
      [
        dropwatchNoticeLayout,
        (): void => {
          windows.note();
        },
      ],
      [
        dropwatchSummaryLayout,
        (summary): void => {
          // The drops that it counts were seen by the BPF program; the summary is one thing more.
          context.counters.add("seen");
          if (isHardware(summary)) {
            context.save(describeHardwareSummary(summary, findTrap(loaded, summary), context));
            return;
          }
          const reason = nameReason(summary.reason, this.#reasons);
          const path = paths.find(summary.cgroupId);
          context.save(describeSummary(summary, reason, path, context));
        },
      ],
      [
        dropwatchRecordLayout,
        (record): void => {
          windows.note();
          if (isHardware(record)) {
            context.save(describeHardwareDrop(record, findTrap(loaded, record)));
            return;
          }
          paths.remember(record.cgroupId, record.cgroup);
          context.save(describeDrop(record, nameReason(record.reason, this.#reasons), bpf));
        },
      ],
    ]);
  }

  update(): MetricData[] {
    const points = this.#countByReason().map(([reason, value]) => ({
      attributes: { "kerntel.dropwatch.reason": nameReason(reason, this.#reasons) },
      value,
    }));
    const { unsummarized = 0, rules = [] } = this.#counts() ?? {};
    const filtered = [...ruleNames.entries(), [CONTROL_RULE, "control"] as const].map(([number, rule]) => ({
      attributes: { "kerntel.dropwatch.rule": rule },
      value: rules[number] ?? 0,
    }));
    return [
      sum(kerntelDropwatchPackets, points, this.#startedAt),
      sum(kerntelDropwatchHardwarePackets, countHardware(this.#loaded), this.#startedAt),
      sum(kerntelDropwatchFiltered, filtered, this.#startedAt),
      sum(kerntelDropwatchUnsummarized, [{ attributes: {}, value: unsummarized }], this.#startedAt),
    ];
  }

  #counts(): DropCounts | undefined {
    return this.#loaded?.sums<number, DropCounts>("drop_counts")[0]?.value;
  }

  #countByReason(): (readonly [reason: number, count: number])[] {
    const common = [...(this.#counts()?.reasons ?? []).entries()].filter(([, count]) => count > 0);
    return [...common, ...(this.#loaded?.counts("other_reasons") ?? [])];
  }
}

/** What skb:kfree_skb tells has grown twice; the program must take just the arguments that are there. */
function chooseProgram(bpf: EventBpf): string {
  if (bpf.hasTracepoint("kfree_skb", 4)) return "drop_with_receiver";
  if (bpf.hasTracepoint("kfree_skb", 3)) return "drop_with_reason";
  if (bpf.hasTracepoint("kfree_skb", 2)) return "drop";
  throw new UnsupportedEventError("the kernel has no tracepoint skb:kfree_skb");
}

export function createDropwatch(): EventTracingAttr<DropwatchConfig> {
  return {
    tracingData: new Dropwatch(),
    event: kerntelDropwatchEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    config: {
      limit_per_second: limitConfig("Drops described", 100),
      filter: filterConfig("Which drops are described"),
      ...hardwareConfig,
      ...noiseConfig,
      window_seconds: {
        type: "integer",
        unit: "s",
        description:
          "Of drops of one kind in so many seconds the first is described and the rest are counted. 0: each is described.",
        default: 10,
        minimum: 0,
        maximum: 3_600,
      },
    },
  };
}
