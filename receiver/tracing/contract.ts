/**
 * The contract of an event: what an event implements, and what the framework hands to it. Of the receiver, events import
 * this file and others of this folder only.
 */
import type { Attributes } from "@opentelemetry/api";
import type { MetricData } from "@opentelemetry/sdk-metrics";
import type { BpfMap, KernelLogHandlers, KernelLogRecord, KernelTextRange } from "bpf-loader-napi";
import type { EventNetwork } from "./event-network.ts";
import type { Setting } from "#otel-config/declaration.ts";
import type { ReceiverLosses } from "./losses.ts";
import type { Subject } from "./subject.ts";
import type { WatchedEvents } from "./watched-events.ts";

export type ConfigProperty = Setting & { readonly default: unknown };

/** An event that watches something in the kernel. */
export interface ITracingEvent<Config extends object = object> {
  /**
   * Watches until `context.signal` aborts, then resolves. Called again by the runner, `interval` seconds after it
   * resolved early or threw, so it must keep no kernel object beyond its own run. Throwing
   * `UnsupportedEventError` means that this kernel lacks what the event needs: it is not called again.
   */
  start(context: TracingContext<Config>): Promise<void>;
}

/** An event with metrics of its own. `update` is called at each collection, also when the event is not running. */
export interface Collector {
  update(): MetricData[];
}

/** The event writes log records. What one without it saves is counted as `refused` and reported. */
export const FlagTracing = 1;
/** The event offers metrics. Of one without it no `update` is called. */
export const FlagMetric = 2;

/** What is the same for all log records of one event. */
export interface EventIdentity {
  /** OTel event name, `kerntel.<name>`. */
  readonly name: string;
  /** OTel SeverityNumber where a record does not say its own. */
  readonly severity: number;
}

/** What a factory says of its event; `defineEvent` makes one of a description, and fills in `interval` and `flag`. */
export interface EventTracingAttr<Config extends object = object> {
  readonly tracingData: ITracingEvent<Config> & Partial<Collector>;
  /** From `telemetry.generated.ts`. */
  readonly event: EventIdentity;
  /** Seconds before the runner starts the event again after it ended or threw. */
  readonly interval: number;
  /** `FlagTracing`, `FlagMetric` or both. */
  readonly flag: number;
  /** Declaration of each key below `distribution.kerntel.events.<name>`, beside `enabled`; each with its default. */
  readonly config?: Readonly<Record<string, ConfigProperty>>;
  /** It watches the receiver and not the kernel: it runs also where no BPF program can, and stops after all others. */
  readonly watches?: "receiver";
}

/** `never`, because each event knows the type of its own configuration, which was validated against its schema. */
export type EventFactory = () => EventTracingAttr<never>;

/** Tracer data on its way to become a log record. */
export interface TracerRecord<RecordAttributes extends object = Attributes> {
  /** Nanoseconds since boot (CLOCK_BOOTTIME), as the kernel program read them. */
  readonly time: number;
  readonly subject: Subject;
  /** OTel SeverityNumber; the event's default where it is left out. */
  readonly severity?: number;
  readonly attributes: RecordAttributes;
  /** One sentence for people. */
  readonly body: string;
}

/**
 * What became of everything an event saw: `seen` is the sum of all the others once nothing is in flight.
 * `aggregated` is told by the count of a summary; the summary itself is seen when the event makes it.
 * The kernel half counts up to `ring_lost`, the loader `missed` (the program was already running on that CPU),
 * the framework the rest.
 */
export const outcomes = [
  "seen",
  "filtered",
  "aggregated",
  "suppressed",
  "ring_lost",
  "missed",
  "undecodable",
  "refused",
  "stored",
] as const;
export type Outcome = (typeof outcomes)[number];

export interface EventLog {
  info(message: string): void;
  /** At most one line a minute per message; the rest is counted and the count said with the next line. */
  warn(message: string, cause?: unknown): void;
}

/** Called once, after `save` returned: the log record is durable, or is known to be lost. */
export type OnSettled = (outcome: "stored" | "refused") => void;

export interface TracingContext<Config extends object = object> {
  readonly signal: AbortSignal;
  /** Validated, with defaults filled in; of the start of this run. */
  readonly config: Readonly<Config>;
  /**
   * `apply` is called with the new configuration when the user changed it (SIGHUP), for as long as this run lasts,
   * so that a threshold changes without a gap. An event that does not call this is started anew instead. What
   * `apply` throws restarts the event too.
   */
  onReload(apply: (config: Readonly<Config>) => void): void;
  readonly bpf: EventBpf;
  readonly log: EventLog;
  /** The kernel counts memory in these. */
  readonly pageSizeBytes: number;
  /** For an event without a kernel half: it counts what it saw and put aside itself. */
  readonly counters: {
    add(outcome: "seen" | "filtered" | "aggregated" | "suppressed", count?: number): void;
  };
  /** Network interfaces of the program's network namespace. */
  readonly network: EventNetwork;
  /** New records of the kernel's log (/dev/kmsg), until disposed; throws where it cannot be opened. */
  readonly followKernelLog: (handlers: KernelLogHandlers) => Disposable;
  /** Nanoseconds since boot, now: the time of a record that no kernel program took. */
  now(): number;
  /** RFC 3339 wall time, with nanoseconds, of nanoseconds since boot. */
  wallTime(bootNs: number): string;
  /** `process.creation.time` of a process by its start in nanoseconds since boot: one start always gives one time. */
  creationTime(startBootNs: number): string;
  /** Id of the container that a subject is in, for the attributes of metrics; undefined for none, and where nobody vouches for it. */
  readonly containerId: (subject: Subject) => string | undefined;
  /**
   * The event is attached: `hook` names where, for the table and `kerntel events`. `missing` says what it does not see on
   * this kernel and why; it becomes the reason of an event that is running.
   */
  readonly attached: (hook: string, missing?: string) => void;
  /** The receiver's own losses, and the time in which none ran. */
  readonly losses: ReceiverLosses;
  /** All events, this one included. */
  readonly events: WatchedEvents;
  /** Turns tracer data into one log record. Returns at once, never throws for a missing container. */
  save(record: TracerRecord<object>, onSettled?: OnSettled): void;
}

/** How an event loads its kernel half. */
export interface EventBpf {
  /** Whether the running kernel has this tracepoint, with at least that many arguments. */
  hasTracepoint(name: string, argumentCount?: number): boolean;
  /** The running kernel's names of an enum's values, for instance of `skb_drop_reason`; empty where it has none. */
  enumNames(enumName: string): ReadonlyMap<number, string>;
  /** Symbol and offset of kernel text addresses, one line each, ending at the first zero. */
  stack(addresses: readonly bigint[]): string;
  symbol(address: bigint): string;
  /** Where functions of the kernel are; without those that it does not have, or does not show. */
  textRanges(names: Iterable<string>): ReadonlyMap<string, readonly KernelTextRange[]>;
  load(options: EventBpfOptions): LoadedEvent;
}

export interface EventBpfOptions {
  /** The compiled kernel half. */
  readonly object: URL;
  /** A module whose types the kernel half reads beside the kernel's own. */
  readonly kernelModule?: string;
  readonly constants?: Readonly<Record<string, number | bigint | boolean>>;
  /** Variables that the kernel half marks with SETTING (bpf/include/settings.h). */
  readonly settings?: KernelSettings;
  /** Fills maps once they are there and before anything is attached; returns settings that tell of it. */
  readonly prepare?: (maps: Pick<LoadedEvent, "map">) => KernelSettings;
  /** Programs to load and attach; the others of the object are left out. */
  readonly programs: readonly string[];
  /** Programs that make the event better where the kernel takes them. Left out elsewhere, with a warning only for want of permission. */
  readonly optionalPrograms?: readonly string[];
  /** Groups of programs that do the same by different hooks: the first that this kernel takes whole is attached, or none. */
  readonly alternatives?: readonly (readonly string[])[];
  /** Loaded and not attached: to be run by `run`. */
  readonly unattachedPrograms?: readonly string[];
  /** Programs of type `perf_event` need their clock. */
  readonly clocks?: Readonly<Record<string, { periodNs: number } | { frequencyHz: number }>>;
  /** Ends reading before the run ends, for a kernel half that is not needed all the time. */
  readonly until?: AbortSignal;
  /** Maps of counts, which `counts` and `sums` add up and which survive a restart of the event. */
  readonly countMaps?: readonly string[];
}

export type KernelSettings = Readonly<Record<string, number | bigint | boolean>>;

/** One entry of a map of counts: 64-bit parts of the key are bigints, counts are numbers. */
export interface KernelSum<Key = unknown, Value = unknown> {
  readonly key: Key;
  readonly value: Value;
}

/** The kernel half while it is attached. Closed when the run ends. */
export interface LoadedEvent extends Disposable {
  /**
   * Reads every record until the signal aborts, each kind by its own layout. What cannot be decoded (another size, a
   * kind that no layout is of, a handler that throws) is counted and never ends the run.
   */
  read<Records extends readonly unknown[] | []>(readings: RecordReadingsOf<Records>): Promise<void>;
  /** `act` is called at the end, once nothing is hooked in any more and before the last records are read. */
  onDetached(act: () => void): void;
  /** Changes variables that the kernel half marks with SETTING, while it is attached. */
  configure(settings: KernelSettings): void;
  /** A map of the kernel half, as long as it is attached. */
  map(name: string): BpfMap;
  /** Runs a program of type `syscall` or `raw_tp` once and returns what it returned. */
  run(program: string): number;
  /** Runs a program of type `iter` once and returns what it wrote. */
  iterate(program: string): Uint8Array;
  /** What was really attached, for instance `tp_btf/mark_victim`. */
  readonly hooks: readonly string[];
  /** The event's books, of this run and the earlier ones. */
  totals(): Readonly<Record<Outcome, number>>;
  /** One of `countMaps` from a number to a count, summed over CPUs and earlier runs; also once the event has ended. */
  counts(map: string): ReadonlyMap<number, number>;
  /** The same of a map with structs as keys or values: every number of a value is summed by itself. */
  sums<Key, Value>(map: string): readonly KernelSum<Key, Value>[];
}

/** One kind of record and who takes it. */
export type RecordReading<Record> = readonly [layout: RecordLayout<Record>, handle: (record: Record) => void];
export type RecordReadingsOf<Records extends readonly unknown[]> = {
  readonly [Index in keyof Records]: RecordReading<Records[Index]>;
};

/** Struct, size and reader of one kind of record; from `record.generated.ts`. */
export interface RecordLayout<Record> {
  /** As in C: the id that the object's BTF has for it is the kind that a record begins with. */
  readonly struct: string;
  readonly sizeBytes: number;
  read(view: DataView, offset: number): Record;
}

/** The kernel lacks what the event needs; `message` says what, for the table. */
export class UnsupportedEventError extends Error {
  readonly code = "EVENT_UNSUPPORTED";
}

export type { KernelLogRecord, MetricData, Subject };
export type { Downtime, Loss, ReceiverLosses } from "./losses.ts";
export type { CoverageChange, WatchedEvent, WatchedEvents } from "./watched-events.ts";
export type { MetricDefinition } from "./metric.ts";
export type {
  Bond,
  BondPort,
  EthtoolDriver,
  EthtoolLink,
  EventNetwork,
  NetworkLink,
} from "./event-network.ts";
