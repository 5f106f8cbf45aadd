/** Hardware errors: from the kernel's RAS tracepoints, each hook by itself, with storms folded. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventTracingAttr,
  ITracingEvent,
  LoadedEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { makeRecord } from "./description.ts";
import { readAll } from "./read-all.ts";
import { Folds } from "./folds.ts";
import type { KernelFold } from "./folds.ts";
import { QuietTimer } from "./quiet-timer.ts";
import { errorTypeOf, sources } from "./severity.ts";
import type { Source } from "./severity.ts";
import { kerntelRasErrors, kerntelRasEvent } from "./telemetry.generated.ts";

interface RasConfig {
  readonly fold_seconds: number;
}

interface ErrorKey {
  readonly source: number;
  readonly severity: number;
}

interface FoldEntry {
  readonly id: bigint;
  readonly last_ns: bigint;
  readonly total: bigint;
}

const hooks = ["mce_record", "mc_event", "non_standard_event", "aer_event", "memory_failure_event"] as const;
/** Its arguments grew to nine, of which the eighth is the severity. */
const ARM_ARGUMENTS_WITH_SEVERITY = 9;

/** The kernel half opens a new window with the first error after the old one. */
const SWEEP_MARGIN_MS = 10;

/** A class, because it looks for errors that were coalesced by its own timer. */
class Ras implements ITracingEvent<RasConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext<RasConfig>): Promise<void> {
    using loaded = this.#load(context);
    if (loaded.hooks.length === 0)
      throw new UnsupportedEventError("the kernel has none of the RAS tracepoints");
    this.#loaded = loaded;
    let windowMs = context.config.fold_seconds * 1_000;
    context.onReload((config) => {
      windowMs = config.fold_seconds * 1_000;
      loaded.configure(windowSettings(config));
    });
    const folds = new Folds((description, occurrence) => {
      context.save(makeRecord(description, occurrence));
    });
    const sweep = (): void => {
      // What only tells of suppressed errors is seen here first.
      context.counters.add("seen", folds.sweep(readFolds(loaded)));
    };
    using sweeps = new QuietTimer(sweep, () => windowMs + SWEEP_MARGIN_MS);
    context.attached(loaded.hooks.join(", "));
    try {
      await readAll(loaded, context.bpf, (head, description) => {
        folds.take(description, { id: head.foldId, time: head.time, total: head.total });
        sweeps.touch();
      });
    } finally {
      sweep();
    }
  }

  #load({ bpf, config }: TracingContext<RasConfig>): LoadedEvent {
    const hasSeverity = bpf.hasTracepoint("arm_event", ARM_ARGUMENTS_WITH_SEVERITY);
    return bpf.load({
      object: new URL("ras.bpf.o", import.meta.url),
      settings: windowSettings(config),
      programs: [],
      optionalPrograms: [...hooks, hasSeverity ? "arm_event_with_severity" : "arm_event", "extlog_mem_event"],
      countMaps: ["errors"],
    });
  }

  update(): MetricData[] {
    const points = new Map<
      string,
      { attributes: { "kerntel.ras.source": Source; "error.type": string }; value: number }
    >();
    for (const { key, value } of this.#loaded?.sums<ErrorKey, number>("errors") ?? []) {
      const source = sources[key.source];
      if (source === undefined) continue;
      const attributes = { "kerntel.ras.source": source, "error.type": errorTypeOf(source, key.severity) };
      // Several results of a memory failure are one type.
      const name = JSON.stringify(attributes);
      points.set(name, { attributes, value: value + (points.get(name)?.value ?? 0) });
    }
    return [sum(kerntelRasErrors, points.values(), this.#startedAt)];
  }
}

function windowSettings({ fold_seconds }: RasConfig): { window_ns: bigint } {
  return { window_ns: BigInt(fold_seconds) * 1_000_000_000n };
}

function readFolds(loaded: LoadedEvent): KernelFold[] {
  return Array.from(loaded.map("folds").values() as Iterable<unknown>, (value) => {
    const { id, last_ns, total } = value as FoldEntry;
    return { id: Number(id), lastTime: Number(last_ns), total: Number(total) };
  });
}

export function createRas(): EventTracingAttr<RasConfig> {
  return {
    tracingData: new Ras(),
    event: kerntelRasEvent,
    interval: 60,
    flag: FlagTracing | FlagMetric,
    config: {
      fold_seconds: {
        type: "integer",
        unit: "s",
        description: "Equal errors within so many seconds become one log record with their count. 0: none.",
        default: 10,
        minimum: 0,
        maximum: 86_400,
      },
    },
  };
}
