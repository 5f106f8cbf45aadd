/** Most events by what they are: an object, its programs and settings, its records and its metrics. The rest are classes. */
import { FlagMetric, FlagTracing, UnsupportedEventError } from "./contract.ts";
import type {
  Collector,
  EventBpf,
  EventBpfOptions,
  EventTracingAttr,
  ITracingEvent,
  KernelSettings,
  LoadedEvent,
  MetricData,
  RecordLayout,
  RecordReadingsOf,
  TracerRecord,
  TracingContext,
} from "./contract.ts";
import { Accounting } from "./accounting.ts";
import { CLOCK_PROGRAM, LONGEST_PERIOD_NS, measureTickPeriod } from "./tick-period.ts";

/** Seconds. */
const DEFAULT_INTERVAL = 10;

/** What the BPF program of an event counts, of all its runs; zero and empty before the first one. */
export interface EventCounts extends Pick<LoadedEvent, "totals" | "counts" | "sums"> {
  /** When counting began, for `sum` and `histogram`. */
  readonly startedAt: Date;
}

/** One kind of record and what it says. */
export type Describer<Record, Config extends object> = readonly [
  layout: RecordLayout<Record>,
  describe: (record: Record, context: TracingContext<Config>) => TracerRecord<object>,
];
export type DescribersOf<Records extends readonly unknown[], Config extends object> = {
  readonly [Index in keyof Records]: Describer<Records[Index], Config>;
};

type Forwarded = "object" | "kernelModule" | "optionalPrograms" | "alternatives" | "countMaps" | "clocks";

export interface EventDefinition<Records extends readonly unknown[] | [], Config extends object>
  extends Pick<EventTracingAttr<Config>, "event" | "config">, Pick<EventBpfOptions, Forwarded> {
  /** Seconds before a restart; 10 where it is left out. */
  readonly interval?: number;
  /** Tracepoints without which the event is unsupported, each with the number of arguments that the programs take at least. */
  readonly requires?: Readonly<Record<string, number>>;
  /**
   * Programs that are run once, before anything is reported. One that does not return 0 makes the event unsupported for the
   * reason that stands here.
   */
  readonly checks?: Readonly<Record<string, string>>;
  /** Attached; a function where a program must take just the arguments that this kernel's tracepoint has. */
  readonly programs: readonly string[] | ((bpf: EventBpf) => readonly string[]);
  readonly constants?: (context: TracingContext<Config>) => NonNullable<EventBpfOptions["constants"]>;
  /**
   * Values of the variables marked with SETTING: at load, at each reload of the configuration and, where `usesTick`, when the
   * tick was measured. Without it, a changed configuration starts the event anew.
   */
  readonly settings?: (config: Readonly<Config>, tickNs: number) => KernelSettings;
  /** The object has bpf/include/clocks.h: `tickNs` is the longest tick there is at first, and then that of this kernel. */
  readonly usesTick?: true;
  /**
   * Each kind of record with its describer. A function is called at the start of each run, so that what its describers
   * remember begins anew; its `context.onReload` is called after the settings were changed.
   */
  readonly records?:
    | DescribersOf<Records, Config>
    | ((context: TracingContext<Config>, loaded: LoadedEvent) => DescribersOf<Records, Config>);
  /** Called at each collection. */
  readonly metrics?: (counts: EventCounts) => MetricData[];
}

/** An event as its factory returns it; `flag` follows from `records` and `metrics`. */
export function defineEvent<Records extends readonly unknown[] | [], Config extends object = object>(
  definition: EventDefinition<Records, Config>,
): EventTracingAttr<Config> {
  const { event, config, interval = DEFAULT_INTERVAL, records, metrics } = definition;
  return {
    tracingData: new DefinedEvent(definition),
    event,
    interval,
    flag: (records === undefined ? 0 : FlagTracing) | (metrics === undefined ? 0 : FlagMetric),
    ...(config !== undefined && { config }),
  };
}

class DefinedEvent<Records extends readonly unknown[] | [], Config extends object>
  implements ITracingEvent<Config>, Collector
{
  readonly #definition: EventDefinition<Records, Config>;
  readonly #startedAt = new Date();
  #loaded: LoadedEvent | undefined;

  constructor(definition: EventDefinition<Records, Config>) {
    this.#definition = definition;
  }

  async start(context: TracingContext<Config>): Promise<void> {
    const { requires = {}, checks = {}, usesTick, settings = (): KernelSettings => ({}) } = this.#definition;
    requireTracepoints(context.bpf, requires);
    let { config } = context;
    let tickNs = LONGEST_PERIOD_NS;
    using loaded = this.#load(context, settings(config, tickNs));
    for (const [program, reason] of Object.entries(checks))
      if (loaded.run(program) !== 0) throw new UnsupportedEventError(reason);
    this.#loaded = loaded;
    const readings = this.#listen(context, loaded, (changed) => {
      config = changed;
      loaded.configure(settings(config, tickNs));
    });
    context.attached(loaded.hooks.join(", "));
    const tune = async (): Promise<void> => {
      tickNs = await measureTickPeriod(loaded, context.signal);
      if (!context.signal.aborted) loaded.configure(settings(config, tickNs));
    };
    await Promise.all([loaded.read(readings), usesTick && tune()]);
  }

  update(): MetricData[] {
    const loaded = this.#loaded;
    const counts: EventCounts = {
      startedAt: this.#startedAt,
      totals: () => loaded?.totals() ?? new Accounting().counts(),
      counts: (map) => loaded?.counts(map) ?? new Map(),
      sums: (map) => loaded?.sums(map) ?? [],
    };
    return this.#definition.metrics?.(counts) ?? [];
  }

  #load({ bpf, ...context }: TracingContext<Config>, settings: KernelSettings): LoadedEvent {
    const { object, programs, constants, checks = {}, usesTick, ...rest } = this.#definition;
    const { kernelModule, optionalPrograms, alternatives, countMaps, clocks } = rest;
    return bpf.load({
      object,
      settings,
      programs: typeof programs === "function" ? programs(bpf) : programs,
      unattachedPrograms: [...Object.keys(checks), ...(usesTick ? [CLOCK_PROGRAM] : [])],
      ...(constants !== undefined && { constants: constants({ bpf, ...context }) }),
      ...(kernelModule !== undefined && { kernelModule }),
      ...(optionalPrograms !== undefined && { optionalPrograms }),
      ...(alternatives !== undefined && { alternatives }),
      ...(countMaps !== undefined && { countMaps }),
      ...(clocks !== undefined && { clocks }),
    });
  }

  /** What is read, and what follows a changed configuration: the settings first, then what describers remember. */
  #listen(
    context: TracingContext<Config>,
    loaded: LoadedEvent,
    configure: (config: Readonly<Config>) => void,
  ): RecordReadingsOf<Records> {
    const { settings, records = [] } = this.#definition;
    const followers = settings === undefined ? [] : [configure];
    const own: TracingContext<Config> = { ...context, onReload: (apply) => void followers.push(apply) };
    const describers = typeof records === "function" ? records(own, loaded) : records;
    if (followers.length > 0)
      context.onReload((changed) => {
        for (const follow of followers) follow(changed);
      });
    const readings = (describers as readonly Describer<unknown, Config>[]).map(
      ([layout, describe]) =>
        [
          layout,
          (record: unknown): void => {
            context.save(describe(record, context));
          },
        ] as const,
    );
    return readings as unknown as RecordReadingsOf<Records>;
  }
}

function requireTracepoints(bpf: EventBpf, requires: Readonly<Record<string, number>>): void {
  const missing = Object.keys(requires).filter((name) => !bpf.hasTracepoint(name));
  if (missing.length > 0)
    throw new UnsupportedEventError(`the kernel has no tracepoint ${missing.join(", ")}`);
  for (const [name, count] of Object.entries(requires))
    if (!bpf.hasTracepoint(name, count))
      throw new UnsupportedEventError(`the kernel's tracepoint ${name} has fewer than ${count} arguments`);
}
