/** Out-of-memory kills: from the kernel's record to the log record about the victim. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  EventBpf,
  EventTracingAttr,
  ITracingEvent,
  LoadedEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { memoryLimitConstants } from "#receiver/tracing/memory-limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeOom } from "./describe.ts";
import { oomNoticeLayout, oomRecordLayout } from "./record.generated.ts";
import { ShortageReports } from "./shortage-reports.ts";
import { kerntelOomEvent, kerntelOomKills } from "./telemetry.generated.ts";

/** Where the stack shows that a memory cgroup's limit was met, mm/memcontrol.c. */
const MEMCG_CALL = "mem_cgroup_out_of_memory";

class Oom implements ITracingEvent, Collector {
  #loaded: LoadedEvent | undefined;
  #startedAt = new Date();
  /** Last records of shortages: each is one more thing that was seen, and no process. */
  #ends = 0;

  async start(context: TracingContext): Promise<void> {
    const { bpf, signal } = context;
    // With one argument it is the older form, which tells only a pid.
    if (!bpf.hasTracepoint("mark_victim", 2)) {
      throw new UnsupportedEventError("the kernel has no tracepoint oom:mark_victim with the victim's task");
    }
    using loaded = bpf.load({
      object: new URL("oom.bpf.o", import.meta.url),
      constants: { ...memoryLimitConstants(context.pageSizeBytes), ...memcgCallConstants(bpf) },
      programs: ["mark_victim"],
      optionalPrograms: ["call_begin", "call_end"],
      unattachedPrograms: ["report_shortages"],
    });
    this.#loaded = loaded;
    const reports = new ShortageReports(loaded, signal);
    context.attached(loaded.hooks.join(", "));
    const noted = (): void => {
      reports.note();
    };
    await loaded.read([
      [oomNoticeLayout, noted],
      [
        oomRecordLayout,
        (record): void => {
          noted();
          if (record.isEnd !== 0) {
            // Its victims were seen by the BPF program; it is one thing more.
            context.counters.add("seen");
            this.#ends++;
          }
          context.save(describeOom(record, bpf.stack(record.stack), context));
        },
      ],
    ]);
  }

  update(): MetricData[] {
    const counted = this.#loaded?.totals();
    const kills = counted === undefined ? 0 : counted.seen - counted.filtered - this.#ends;
    return [sum(kerntelOomKills, [{ attributes: {}, value: kills }], this.#startedAt)];
  }
}

/** Both 0 where the kernel does not show where that function is. */
function memcgCallConstants(bpf: Pick<EventBpf, "textRanges">): Readonly<Record<string, bigint>> {
  const [range] = bpf.textRanges([MEMCG_CALL]).get(MEMCG_CALL) ?? [];
  return { memcg_call_start: range?.start ?? 0n, memcg_call_end: range?.end ?? 0n };
}

export function createOom(): EventTracingAttr {
  return { tracingData: new Oom(), event: kerntelOomEvent, interval: 10, flag: FlagTracing | FlagMetric };
}
