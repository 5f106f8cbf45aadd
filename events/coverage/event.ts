/** Reports what is watched and what is not, whenever that changes. */
import { setTimeout as sleep } from "node:timers/promises";
import { FlagMetric, FlagTracing } from "#receiver/tracing/contract.ts";
import type {
  Collector,
  CoverageChange,
  EventTracingAttr,
  ITracingEvent,
  MetricData,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { describeCoverage } from "./describe.ts";
import type { CoverageTrigger } from "./describe.ts";
import { ReportTimes } from "./report-times.ts";
import { kerntelCoverageChanges, kerntelCoverageEvent } from "./telemetry.generated.ts";

interface CoverageConfig {
  readonly repeat_hours: number;
}

type Context = TracingContext<CoverageConfig>;

/** States that change one after the other, as at a reload, are one record. */
const COALESCE_MS = 1_000;
const MS_PER_HOUR = 3_600_000;
const NS_PER_MS = 1_000_000;

/** What is not stored yet. */
interface Pending {
  readonly trigger: CoverageTrigger;
  /** Names. */
  readonly changed: ReadonlySet<string>;
}

/** Most telling first. */
const triggers: readonly CoverageTrigger[] = ["start", "reload", "change", "repeat"];

/** Resolves after so long, or early when the signal aborts. */
type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>;

async function waitFor(delayMs: number, signal: AbortSignal): Promise<void> {
  // The only rejection is the abort.
  await sleep(delayMs, undefined, { signal }).catch(() => {});
}

/** A class, because it follows the states of all others and has no BPF program. */
class Coverage implements ITracingEvent<CoverageConfig>, Collector {
  readonly #wait: Wait;
  readonly #times = new ReportTimes();
  readonly #changes = new Map<string, number>();
  readonly #startedAt = new Date();
  #pending: Pending | undefined = { trigger: "start", changed: new Set() };
  #wake = new AbortController();

  constructor(wait: Wait) {
    this.#wait = wait;
  }

  async start(context: Context): Promise<void> {
    let { config } = context;
    context.onReload((changed) => {
      config = changed;
    });
    using listening = new DisposableStack();
    listening.use(
      context.events.onChange((change) => {
        this.#note(change);
      }),
    );
    context.attached("the states of all events");
    const aborted = new Promise((resolve) => {
      if (context.signal.aborted) resolve(undefined);
      else context.signal.addEventListener("abort", resolve, { once: true });
    });
    await Promise.race([context.events.ready, aborted]);
    while (!context.signal.aborted) {
      this.#report(context);
      await this.#sleep(context, config.repeat_hours * MS_PER_HOUR);
      if (context.signal.aborted) break;
      if (this.#pending === undefined) this.#add({ trigger: "repeat", changed: new Set() });
      const waitMs = Math.max(COALESCE_MS, this.#times.waitMs(context.now() / NS_PER_MS));
      // Nothing wakes it earlier: what comes meanwhile is part of the same record.
      await this.#wait(waitMs, context.signal);
    }
    this.#report(context);
  }

  update(): MetricData[] {
    const changes = Array.from(this.#changes, ([name, value]) => ({
      attributes: { "kerntel.event.name": name },
      value,
    }));
    return changes.length === 0 ? [] : [sum(kerntelCoverageChanges, changes, this.#startedAt)];
  }

  #note(change: CoverageChange): void {
    if (change.kind === "reload") {
      this.#add({ trigger: "reload", changed: new Set() });
      return;
    }
    this.#changes.set(change.name, (this.#changes.get(change.name) ?? 0) + 1);
    this.#add({ trigger: "change", changed: new Set([change.name]) });
  }

  #add(added: Pending): void {
    const before = this.#pending ?? added;
    const trigger = triggers.find((each) => each === added.trigger || each === before.trigger);
    this.#pending = {
      trigger: trigger ?? added.trigger,
      changed: before.changed.union(added.changed),
    };
    this.#wake.abort();
  }

  /** Until something is pending, or so long. */
  async #sleep({ signal }: Context, delayMs: number): Promise<void> {
    this.#wake = new AbortController();
    if (this.#pending !== undefined) return;
    await this.#wait(delayMs, AbortSignal.any([signal, this.#wake.signal]));
  }

  #report(context: Context): void {
    const said = this.#pending;
    if (said === undefined) return;
    this.#pending = undefined;
    const time = context.now();
    this.#times.note(time / NS_PER_MS);
    context.counters.add("seen");
    const record = describeCoverage({ ...said, events: context.events.list(), time });
    context.save(record, (outcome) => {
      // A state that no stored record has must not be the last one.
      if (outcome === "refused") this.#add(said);
    });
  }
}

/** `wait`: for tests. */
export function createCoverage(wait: Wait = waitFor): EventTracingAttr<CoverageConfig> {
  return {
    tracingData: new Coverage(wait),
    event: kerntelCoverageEvent,
    interval: 10,
    flag: FlagTracing | FlagMetric,
    watches: "receiver",
    config: {
      repeat_hours: {
        type: "integer",
        unit: "h",
        description:
          "After so long without a change the same is reported once more, so that retention never leaves a log without it.",
        default: 24,
        minimum: 1,
        maximum: 168,
      },
    },
  };
}
