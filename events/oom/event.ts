/** Out-of-memory kills: from the kernel's record to the log record about the victim. */
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
import { describeOom } from "./describe.ts";
import { oomRecordLayout } from "./record.generated.ts";
import { kerntelOomEvent, kerntelOomKills } from "./telemetry.generated.ts";

/** Pages of a memory cgroup without a limit, mm/page_counter.c: LONG_MAX / PAGE_SIZE. */
const LONG_MAX = 2n ** 63n - 1n;

class Oom implements ITracingEvent, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();

  async start(context: TracingContext): Promise<void> {
    // With one argument it is the older form, which tells only a pid.
    if (!context.bpf.hasTracepoint("mark_victim", 2)) {
      throw new UnsupportedEventError("the kernel has no tracepoint oom:mark_victim with the victim's task");
    }
    using loaded = context.bpf.load({
      object: new URL("oom.bpf.o", import.meta.url),
      constants: { no_limit_pages: LONG_MAX / BigInt(context.pageSizeBytes) },
      programs: ["mark_victim"],
      optionalPrograms: ["oom_kill_process"],
    });
    this.#loaded = loaded;
    context.attached(loaded.hooks.join(", "));
    await loaded.read(oomRecordLayout, (record) => {
      context.save(describeOom(record, context));
    });
  }

  update(): MetricData[] {
    const counted = this.#loaded?.totals();
    const kills = counted === undefined ? 0 : counted.seen - counted.filtered;
    return [sum(kerntelOomKills, [{ attributes: {}, value: kills }], this.#startedAt)];
  }
}

export function createOom(): EventTracingAttr {
  return { tracingData: new Oom(), event: kerntelOomEvent, interval: 10, flag: FlagTracing | FlagMetric };
}
