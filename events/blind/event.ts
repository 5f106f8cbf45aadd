/** Reports what the receiver lost, and when none ran: losses are log records too. */
import { setTimeout as sleep } from "node:timers/promises";
import { FlagMetric, FlagTracing } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  Downtime,
  EventTracingAttr,
  ITracingEvent,
  Loss,
  MetricData,
  ReceiverLosses,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { gauge, sum } from "#receiver/tracing/metric.ts";
import { DueLosses } from "./due-losses.ts";
import type { BlindConfig } from "./due-losses.ts";
import { describeDowntime, describeLoss } from "./report.ts";
import { kerntelBlindDowntime, kerntelBlindEvent, kerntelBlindUnreported } from "./telemetry.generated.ts";

/** How soon a loss is reported at most: a look reads each event's counters once. */
const LOOK_EVERY_MS = 2_000;
const NS_PER_SECOND = 1_000_000_000;

type Context = TracingContext<BlindConfig>;

/** A class, because it reads the accounting of all others and has no BPF program. */
class Blind implements ITracingEvent<BlindConfig>, Collector {
  readonly #due = new DueLosses();
  readonly #startedAt = new Date();
  readonly #sentDowntimes = new Set<Downtime>();
  #losses: ReceiverLosses | undefined;
  #lastDowntime: Downtime | undefined;

  async start(context: Context): Promise<void> {
    let { config } = context;
    context.onReload((changed) => {
      config = changed;
    });
    context.attached("the receiver's accounting");
    const aborted = new Promise((resolve) => {
      if (context.signal.aborted) resolve(undefined);
      else context.signal.addEventListener("abort", resolve, { once: true });
    });
    await Promise.race([context.events.ready, aborted]);
    this.#losses = context.losses;
    while (!context.signal.aborted) {
      this.#reportDowntimes(context);
      this.#reportLosses(context, config);
      // The only rejection is the abort.
      await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => {});
    }
    this.#reportLosses(context, config, true);
  }

  update(): MetricData[] {
    const unreported = (this.#losses?.unreported() ?? []).map(({ reason, count }) => ({
      attributes: { "kerntel.blind.reason": reason },
      value: count,
    }));
    const last = this.#lastDowntime;
    const downtime =
      last === undefined
        ? []
        : [
            {
              attributes: { "kerntel.blind.reason": last.reason },
              value: (last.until - last.from) / NS_PER_SECOND,
            },
          ];
    return [
      sum(kerntelBlindUnreported, unreported, this.#startedAt),
      gauge(kerntelBlindDowntime, downtime),
    ].filter(({ dataPoints }) => dataPoints.length > 0);
  }

  #reportDowntimes(context: Context): void {
    for (const downtime of context.losses.downtimes()) {
      this.#lastDowntime = downtime;
      if (this.#sentDowntimes.has(downtime)) continue;
      this.#sentDowntimes.add(downtime);
      context.counters.add("seen");
      context.save(describeDowntime(downtime, context), (outcome) => {
        this.#sentDowntimes.delete(downtime);
        if (outcome === "stored") context.losses.reported(downtime);
      });
    }
  }

  #reportLosses(context: Context, config: BlindConfig, isLast = false): void {
    for (const loss of this.#due.choose(context.losses.unreported(), config, isLast)) {
      this.#due.noteSent(loss);
      context.counters.add("seen");
      context.save(describeLoss(loss, context), (outcome) => {
        this.#settle(context.losses, loss, outcome === "stored");
      });
    }
  }

  #settle(losses: ReceiverLosses, loss: Loss, isStored: boolean): void {
    this.#due.noteSettled(loss, isStored);
    // What is not stored is part of the next record.
    if (isStored) losses.reported(loss);
  }
}

export function createBlind(): EventTracingAttr<BlindConfig> {
  return {
    tracingData: new Blind(),
    event: kerntelBlindEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    watches: "receiver",
    config: {
      interval_seconds: {
        type: "integer",
        unit: "s",
        description:
          "Between two log records of one reason about one event, destination or table; the first is reported within two seconds.",
        default: 60,
        minimum: 1,
        maximum: 86_400,
      },
      suppressed_percent: {
        type: "number",
        unit: "%",
        description:
          "Share of what an event sees in an interval: what its rate limit suppresses is reported above that.",
        default: 10,
        minimum: 0,
        maximum: 100,
      },
    },
  };
}
