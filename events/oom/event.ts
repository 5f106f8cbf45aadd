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
import { memoryLimitConstants } from "#receiver/tracing/memory-limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeOom } from "./describe.ts";
import { oomRecordLayout } from "./record.generated.ts";
import { Shortages } from "./shortages.ts";
import { kerntelOomEvent, kerntelOomKills } from "./telemetry.generated.ts";

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
      constants: memoryLimitConstants(context.pageSizeBytes),
      programs: ["mark_victim"],
      optionalPrograms: ["shortage_begin", "shortage_end"],
    });
    this.#loaded = loaded;
    context.attached(loaded.hooks.join(", "));
    const shortages = new Shortages();
    await loaded.read([
      [
        oomRecordLayout,
        (record): void => {
          const stack = context.bpf.stack(record.stack);
          context.save(describeOom(shortages.complete(record, stack), stack, context));
        },
      ],
    ]);
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
