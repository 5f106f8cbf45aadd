/** All events together: start, wait until each is attached or has its reason, report, stop. */
import type { Collector, EventTracingAttr } from "./contract.ts";
import type { EventStatus } from "./event-state.ts";
import { isSettled } from "./event-state.ts";
import { TracedEvent } from "./traced-event.ts";
import type { EventReport, TracingServices } from "./traced-event.ts";
import type { CoverageChange, WatchedEvents } from "./watched-events.ts";

export interface EventChoice {
  readonly attr: EventTracingAttr;
  readonly enabled: boolean;
  /** Validated against the event's own schema. */
  readonly settings: object;
}

export interface TracingOptions extends Omit<TracingServices, "onChange" | "watchedEvents"> {
  readonly events: ReadonlyMap<string, EventChoice>;
  /** Why nothing that needs the kernel can run; events are then unsupported for this reason. */
  readonly missingRequirement: string | undefined;
}

export class Tracing {
  readonly #events: readonly TracedEvent[];
  readonly #byEventName: ReadonlyMap<string, TracedEvent>;
  readonly #options: TracingOptions;
  readonly #settled = Promise.withResolvers<void>();
  readonly #listeners = new Set<(change: CoverageChange) => void>();
  #isReady = false;

  constructor(options: TracingOptions) {
    this.#options = options;
    const services = {
      ...options,
      watchedEvents: this.#watchedEvents(),
      onChange: (name: string, status: EventStatus): void => {
        this.#onChange(name, status);
      },
    };
    this.#events = [...options.events].map(
      ([name, { attr, settings }]) => new TracedEvent(name, attr, settings, services),
    );
    this.#byEventName = new Map(this.#events.map((event) => [event.eventName, event]));
  }

  /** Resolves when every event is attached or has its reason. */
  async start(): Promise<void> {
    for (const event of this.#events) {
      if (this.#options.events.get(event.name)?.enabled === false) {
        event.settle("disabled", "switched off in the configuration");
      } else if (this.#options.missingRequirement !== undefined && !event.isOfReceiver) {
        event.settle("unsupported", this.#options.missingRequirement);
      } else {
        event.start();
      }
    }
    this.#onChange();
    await this.#settled.promise;
    this.#isReady = true;
  }

  /** Whether anything of the kernel is watched, or may be after another try. */
  get watchesKernel(): boolean {
    const kernels = this.#events.filter((event) => !event.isOfReceiver);
    return kernels.some(({ status }) => status.state !== "unsupported" && status.state !== "disabled");
  }

  #watchedEvents(): WatchedEvents {
    return {
      list: () => this.#events.map(({ name, status }) => ({ name, ...status })),
      ready: this.#settled.promise,
      onChange: (act) => {
        this.#listeners.add(act);
        return { [Symbol.dispose]: () => void this.#listeners.delete(act) };
      },
    };
  }

  #announce(change: CoverageChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** `of`: all events, or those that watch the kernel. */
  reports(of: "all" | "kernel" = "all"): readonly EventReport[] {
    const wanted = this.#events.filter((event) => of === "all" || !event.isOfReceiver);
    return wanted.map((event) => event.report());
  }

  collectors(): readonly Collector[] {
    return this.#events.map((event) => event.collector).filter((collector) => collector !== undefined);
  }

  /** What each event's limit suppressed, by tenant. */
  get suppressions(): readonly Pick<TracedEvent, "name" | "suppressions">[] {
    return this.#events;
  }

  /** Books what became of a log record after `save` returned. */
  account(eventName: string | undefined, outcome: "stored" | "refused"): void {
    if (eventName !== undefined) this.#byEventName.get(eventName)?.accounting.add(outcome);
  }

  /** Takes what a new configuration says of the events; returns the names of those that changed. */
  async reload(events: ReadonlyMap<string, Omit<EventChoice, "attr">>): Promise<readonly string[]> {
    const changed = this.#events.map(async (event) => {
      const choice = events.get(event.name);
      if (this.#options.missingRequirement !== undefined && !event.isOfReceiver) return [];
      if (choice === undefined || event.status.state === "unsupported") return [];
      const isChanged = choice.enabled ? await event.reload(choice.settings) : await this.#disable(event);
      return isChanged ? [event.name] : [];
    });
    const names = (await Promise.all(changed)).flat();
    this.#announce({ kind: "reload" });
    return names;
  }

  async #disable(event: TracedEvent): Promise<boolean> {
    if (event.status.state === "disabled") return false;
    await event.disable();
    return true;
  }

  async stop(): Promise<void> {
    // How the others ended is counted when those that report it end. To stop one twice is to stop it once.
    await Promise.all(this.#events.filter((event) => !event.isOfReceiver).map((event) => event.stop()));
    await Promise.all(this.#events.map((event) => event.stop()));
  }

  #onChange(name?: string, status?: EventStatus): void {
    if (this.#events.every((event) => isSettled(event.status.state))) this.#settled.resolve();
    if (!this.#isReady || name === undefined || status === undefined) return;
    this.#announce({ kind: "state", name });
    // The table of the start says the first states; later changes are news.
    this.#options.write(
      `kerntel: ${name} is ${status.state}${status.reason === "" ? "" : `: ${status.reason}`}\n`,
    );
  }
}
