/** One registered event with everything the framework keeps for it. */
import { followKernelLog, readClocks } from "bpf-loader-napi";
import type { KernelLogHandlers } from "bpf-loader-napi";
import type { About } from "../containers/resolved-subject.ts";
import type { Part } from "../parts/part.ts";
import type { UncaughtReporter } from "../parts/uncaught-errors.ts";
import type { Emitter } from "../emission/emitter.ts";
import { formatTime } from "#exporters/console/record-time.ts";
import type { WallClock } from "../emission/wall-clock.ts";
import { Accounting } from "./accounting.ts";
import type { OutcomeCounts } from "./accounting.ts";
import { FlagMetric, FlagTracing } from "./contract.ts";
import type { Collector, EventLog, EventTracingAttr, Subject, TracingContext } from "./contract.ts";
import { isDeepStrictEqual } from "node:util";
import { loadEvent } from "./event-bpf.ts";
import type { DriverErrors } from "./driver-errors.ts";
import { createEventNetwork } from "./event-network.ts";
import { createEventLog } from "./event-log.ts";
import type { ReceiverLosses } from "./losses.ts";
import type { WatchedEvents } from "./watched-events.ts";
import type { EventStatus } from "./event-state.ts";
import type { KernelSums } from "./kernel-sums.ts";
import type { KernelNames } from "./kernel-names.ts";
import { EventRunner } from "./runner.ts";
import type { SharedMaps } from "./shared-maps.ts";
import { TenantSuppressions } from "./tenant-suppressions.ts";

/** What all events share. */
export interface TracingServices {
  readonly emitter: Emitter;
  readonly clock: WallClock;
  readonly kernel: KernelNames;
  readonly about: (subject: Subject) => About;
  /** As `TracingContext.containerId`. */
  readonly seriesOf: (subject: Subject) => string | undefined;
  readonly pageSizeBytes: number;
  readonly write: (line: string) => void;
  readonly uncaught: UncaughtReporter;
  readonly driverErrors: DriverErrors;
  /** Tables of tenants; undefined where the kernel refused them. */
  readonly sharedMaps: SharedMaps | undefined;
  readonly losses: ReceiverLosses;
  readonly watchedEvents: WatchedEvents;
  onChange(name: string, status: EventStatus): void;
}

/** One line of `kerntel events`. */
export interface EventReport extends EventStatus, OutcomeCounts {
  readonly name: string;
}

export class TracedEvent {
  readonly name: string;
  readonly accounting: Accounting = new Accounting();
  readonly suppressions: TenantSuppressions = new TenantSuppressions();
  readonly #attr: EventTracingAttr;
  readonly #services: TracingServices;
  #settings: object;
  #runner: EventRunner;
  /** Of the current run, once the event said how it takes new settings. */
  #apply: ((settings: object) => void) | undefined;
  readonly #earlierSums = new Map<string, KernelSums>();

  constructor(name: string, attr: EventTracingAttr, settings: object, services: TracingServices) {
    this.name = name;
    this.#attr = attr;
    this.#settings = settings;
    this.#services = services;
    this.#runner = this.#createRunner();
  }

  /** OTel event name of its log records. */
  get eventName(): string {
    return this.#attr.event.name;
  }

  /** Whether it watches the receiver itself. */
  get isOfReceiver(): boolean {
    return this.#attr.watches === "receiver";
  }

  get status(): EventStatus {
    return this.#runner.status;
  }

  start(): void {
    this.#runner.start();
  }

  /** Marks the event as one that does not run, with the reason. */
  settle(state: "disabled" | "unsupported", reason: string): void {
    this.#runner.settle(state, reason);
  }

  stop(): Promise<void> {
    return this.#runner.stop();
  }

  /** Ends the run and marks the event as switched off. */
  async disable(): Promise<void> {
    await this.#replaceRunner();
    this.settle("disabled", "switched off in the configuration");
  }

  /** Takes new settings: at once where the event can, else by a new run. Says whether anything changed. */
  async reload(settings: object): Promise<boolean> {
    if (this.status.state !== "disabled" && isDeepStrictEqual(settings, this.#settings)) return false;
    this.#settings = settings;
    if (this.status.state === "running" && this.#applied(settings)) return true;
    await this.#replaceRunner();
    this.start();
    return true;
  }

  #applied(settings: object): boolean {
    try {
      this.#apply?.(settings);
      return this.#apply !== undefined;
    } catch {
      // A new run says by its state what is wrong.
      return false;
    }
  }

  async #replaceRunner(): Promise<void> {
    await this.#runner.stop();
    this.#apply = undefined;
    this.#runner = this.#createRunner();
  }

  #createRunner(): EventRunner {
    return new EventRunner({
      name: this.name,
      attr: this.#attr,
      createContext: (signal, attached, part) => this.#createContext(signal, attached, part),
      onChange: (status) => {
        this.#services.onChange(this.name, status);
      },
    });
  }

  get collector(): Collector | undefined {
    const { tracingData, flag } = this.#attr;
    if ((flag & FlagMetric) === 0 || tracingData.update === undefined) return undefined;
    // The watch itself may be in order: it goes on.
    const part: Part = { kind: "event", name: this.name, restart: () => {} };
    return {
      update: () => this.#services.uncaught.guard(part, () => (tracingData as Collector).update()) ?? [],
    };
  }

  report(): EventReport {
    return { name: this.name, ...this.status, ...this.accounting.counts() };
  }

  /** An event that says it writes no log records and makes one is a mistake in its code: nothing leaves, and nothing is lost unseen. */
  #refuse(log: EventLog): void {
    this.accounting.add("refused");
    log.warn("makes log records without FlagTracing: they are counted as refused");
  }

  #createContext(signal: AbortSignal, attached: TracingContext["attached"], part: Part): TracingContext {
    const { emitter, clock, kernel, seriesOf, pageSizeBytes, write, uncaught, driverErrors } = this.#services;
    const { losses, watchedEvents } = this.#services;
    const guard = (act: () => void): void => {
      uncaught.guard(part, act);
    };
    const log = createEventLog({ name: this.name, write });
    const { accounting } = this;
    this.#apply = undefined;
    const loading = {
      signal,
      accounting,
      log,
      earlierSums: this.#earlierSums,
      tenants: { maps: this.#services.sharedMaps, suppressions: this.suppressions },
      onBatch: () => clock.refresh(),
    };
    return {
      signal,
      config: this.#settings,
      onReload: (apply) => {
        this.#apply = apply;
      },
      log,
      pageSizeBytes,
      counters: {
        add: (outcome, count) => {
          accounting.add(outcome, count);
        },
      },
      bpf: { ...kernel, load: (options) => loadEvent(options, loading) },
      network: createEventNetwork({
        guard,
        onFailed: (error) => {
          uncaught.report(part, error);
        },
        onDriverError: (interfaceName, errorName, error) => {
          driverErrors.add(this.name, errorName);
          log.warn(`the driver of ${interfaceName} does not answer`, error);
        },
      }),
      followKernelLog: (handlers) => followKernelLog(guardHandlers(handlers, guard)),
      now: () => {
        clock.refresh();
        return Number(readClocks().boottimeNs);
      },
      wallTime: (bootNs) => formatTime(clock.at(bootNs)),
      creationTime: (startNs) => formatTime(clock.createdAt(startNs)),
      containerId: seriesOf,
      attached,
      losses,
      events: watchedEvents,
      save: (record, onSettled) => {
        if ((this.#attr.flag & FlagTracing) === 0) {
          this.#refuse(log);
          onSettled?.("refused");
          return;
        }
        const settle = (outcome: "stored" | "refused"): void => {
          guard(() => onSettled?.(outcome));
        };
        emitter.emit(this.#attr.event, record, onSettled && settle);
      },
    };
  }
}

function guardHandlers(handlers: KernelLogHandlers, guard: (act: () => void) => void): KernelLogHandlers {
  return {
    onRecord: (record) => {
      guard(() => {
        handlers.onRecord(record);
      });
    },
    onOverrun: () => {
      guard(() => {
        handlers.onOverrun();
      });
    },
    onFailed: (error) => {
      guard(() => {
        handlers.onFailed(error);
      });
    },
  };
}
