/** Dropped packets: exact counts by reason, and a log record for as many as the limit allows. */
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
import { limitConfig, limitSettings } from "#receiver/tracing/limit.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeDrop } from "./describe.ts";
import { nameReason } from "./reason.ts";
import { dropwatchRecordLayout } from "./record.generated.ts";
import { kerntelDropwatchEvent, kerntelDropwatchPackets } from "./telemetry.generated.ts";

interface DropwatchConfig {
  readonly limit_per_second: number;
}

class Dropwatch implements ITracingEvent<DropwatchConfig>, Collector {
  #loaded: LoadedEvent | undefined;
  #reasons: ReadonlyMap<number, string> = new Map();
  #startedAt = new Date();

  async start(context: TracingContext<DropwatchConfig>): Promise<void> {
    this.#reasons = context.bpf.enumNames("skb_drop_reason");
    using loaded = context.bpf.load({
      object: new URL("dropwatch.bpf.o", import.meta.url),
      settings: limitSettings(context.config.limit_per_second),
      programs: [chooseProgram(context.bpf)],
      countMaps: ["drops"],
    });
    this.#loaded = loaded;
    context.onReload(({ limit_per_second }) => {
      loaded.configure(limitSettings(limit_per_second));
    });
    context.attached(loaded.hooks.join(", "));
    await loaded.read(dropwatchRecordLayout, (record) => {
      context.save(describeDrop(record, nameReason(record.reason, this.#reasons), context.bpf));
    });
  }

  update(): MetricData[] {
    const counts = this.#loaded?.counts("drops") ?? new Map<number, number>();
    const points = [...counts].map(([reason, value]) => ({
      attributes: { reason: nameReason(reason, this.#reasons) },
      value,
    }));
    return [sum(kerntelDropwatchPackets, points, this.#startedAt)];
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
    config: { limit_per_second: limitConfig("Drops described", 100) },
  };
}
