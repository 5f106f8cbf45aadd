/** One registered event with everything the framework keeps for it. */
import type { Emitter } from "../emission/emitter.ts";
import { formatTime } from "#exporters/console/record-time.ts";
import type { WallClock } from "../emission/wall-clock.ts";
import { Accounting } from "./accounting.ts";
import type { OutcomeCounts } from "./accounting.ts";
import type { Collector, EventTracingAttr, TracingContext } from "./contract.ts";
import { loadEvent } from "./event-bpf.ts";
import { createEventLog } from "./event-log.ts";
import type { EventStatus } from "./event-state.ts";
import type { KernelNames } from "./kernel-names.ts";
import { EventRunner } from "./runner.ts";

/** What all events share. */
export interface TracingServices {
  readonly emitter: Emitter;
  readonly clock: WallClock;
  readonly kernel: KernelNames;
  readonly pageSizeBytes: number;
  readonly write: (line: string) => void;
  onChange(name: string, status: EventStatus): void;
}

/** One line of `kerntel events`. */
export interface EventReport extends EventStatus, OutcomeCounts {
  readonly name: string;
}

export class TracedEvent {
  readonly name: string;
  readonly accounting: Accounting = new Accounting();
  readonly runner: EventRunner;
  readonly #attr: EventTracingAttr;
  readonly #services: TracingServices;
  readonly #settings: object;
  readonly #earlierCounts = new Map<string, Map<number, number>>();

  constructor(name: string, attr: EventTracingAttr, settings: object, services: TracingServices) {
    this.name = name;
    this.#attr = attr;
    this.#settings = settings;
    this.#services = services;
    this.runner = new EventRunner({
      attr,
      createContext: (signal, attached) => this.#createContext(signal, attached),
      onChange: (status) => {
        services.onChange(name, status);
      },
    });
  }

  /** OTel event name of its log records. */
  get eventName(): string {
    return this.#attr.event.name;
  }

  get collector(): Collector | undefined {
    const { tracingData } = this.#attr;
    return tracingData.update === undefined ? undefined : (tracingData as Collector);
  }

  report(): EventReport {
    return { name: this.name, ...this.runner.status, ...this.accounting.counts() };
  }

  #createContext(signal: AbortSignal, attached: (hook: string) => void): TracingContext {
    const { emitter, clock, kernel, pageSizeBytes, write } = this.#services;
    const log = createEventLog({ name: this.name, write });
    const { accounting } = this;
    const loading = {
      signal,
      accounting,
      log,
      earlierCounts: this.#earlierCounts,
      onBatch: () => clock.refresh(),
    };
    return {
      signal,
      config: this.#settings,
      log,
      pageSizeBytes,
      counters: {
        add: (outcome, count) => {
          accounting.add(outcome, count);
        },
      },
      bpf: { ...kernel, load: (options) => loadEvent(options, loading) },
      wallTime: (bootNs) => formatTime(clock.at(bootNs)),
      attached,
      save: (record) => {
        emitter.emit(this.#attr.event, record);
      },
    };
  }
}
