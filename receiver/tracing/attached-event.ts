/** A kernel half while it is attached: its records, and what it counted in the event's books. */
import type { BpfMap, Link, LoadedObject, Program } from "bpf-loader-napi";
import type { Accounting, KernelCounts, OutcomeCounts } from "./accounting.ts";
import type {
  EventBpfOptions,
  EventLog,
  KernelSettings,
  KernelSum,
  LoadedEvent,
  RecordReadingsOf,
} from "./contract.ts";
import { changeSettings } from "./kernel-settings.ts";
import { addSums } from "./kernel-sums.ts";
import type { KernelSums } from "./kernel-sums.ts";
import { RecordReadings } from "./record-readings.ts";
import type { SharedMaps } from "./shared-maps.ts";
import { SUPPRESSED_TENANTS } from "./tenant-suppressions.ts";
import type { TenantSuppressions } from "./tenant-suppressions.ts";

/** Names that bpf/include/records.h gives to the ring and the counters of every object. */
const RING = "records";
const COUNTERS = "counters";

export interface EventBpfContext {
  readonly signal: AbortSignal;
  readonly accounting: Accounting;
  readonly log: EventLog;
  /** Sums of maps of counts from earlier runs, by map. */
  readonly earlierSums: Map<string, KernelSums>;
  /** Without it the event's programs do not know containers and units apart, and nothing is counted by them. */
  readonly tenants?: {
    readonly maps: SharedMaps | undefined;
    readonly suppressions: TenantSuppressions;
  };
  /** Called before a batch of records is handled. */
  onBatch(): void;
}

export interface Attachment {
  readonly name: string;
  readonly hook: string;
  readonly program: Program;
  readonly link: Link;
}

export class AttachedEvent implements LoadedEvent {
  readonly hooks: readonly string[];
  readonly #object: LoadedObject;
  readonly #attachments: readonly Attachment[];
  readonly #context: EventBpfContext;
  readonly #followed = new DisposableStack();
  readonly #countMaps: ReadonlyMap<string, BpfMap>;
  #actWhenDetached: () => void = () => {};
  #closed = false;

  constructor(
    object: LoadedObject,
    attachments: readonly Attachment[],
    options: EventBpfOptions,
    context: EventBpfContext,
  ) {
    this.hooks = attachments.map(({ hook }) => hook);
    this.#object = object;
    this.#attachments = attachments;
    this.#context = context;
    this.#countMaps = new Map((options.countMaps ?? []).map((name) => [name, object.map(name)]));
    const counters = object.map(COUNTERS);
    this.#followed.use(context.accounting.follow(() => readCounters(counters, attachments)));
    if (context.tenants !== undefined && object.mapNames.includes(SUPPRESSED_TENANTS))
      this.#followed.use(context.tenants.suppressions.follow(object.map(SUPPRESSED_TENANTS)));
  }

  async read<Records extends readonly unknown[] | []>(readings: RecordReadingsOf<Records>): Promise<void> {
    const { signal, accounting, log } = this.#context;
    const kinds = RecordReadings.of(this.#object.btf, readings);
    for (const mismatch of kinds.mismatches) log.warn(`records cannot be decoded: ${mismatch}`);
    const reader = this.#object.ringReader(RING, {}, (batch) => {
      this.#context.onBatch();
      kinds.handle(batch, (error) => {
        accounting.add("undecodable");
        log.warn("a record could not be decoded", error);
      });
    });
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
    // Nothing new may come while the rest is read, else the books would never close.
    try {
      for (const { link } of this.#attachments) link.close();
      this.#actWhenDetached();
      reader.drain();
    } finally {
      reader.close();
    }
  }

  onDetached(act: () => void): void {
    this.#actWhenDetached = act;
  }

  configure(settings: KernelSettings): void {
    changeSettings(this.#object, settings);
  }

  map(name: string): BpfMap {
    return this.#object.map(name);
  }

  run(program: string): number {
    return this.#object.program(program).run().returnValue;
  }

  iterate(program: string): Uint8Array {
    const attachment = this.#attachments.find(({ name }) => name === program);
    if (attachment === undefined) throw new TypeError(`no program ${program} is attached`);
    return attachment.link.iterate();
  }

  totals(): OutcomeCounts {
    return this.#context.accounting.counts();
  }

  counts(map: string): ReadonlyMap<number, number> {
    return new Map(this.sums<number | bigint, number>(map).map(({ key, value }) => [Number(key), value]));
  }

  sums<Key, Value>(map: string): readonly KernelSum<Key, Value>[] {
    const earlier: KernelSums = this.#context.earlierSums.get(map) ?? new Map();
    const live = this.#countMaps.get(map);
    const sums = this.#closed || live === undefined ? earlier : addSums(earlier, live);
    return [...sums.values()] as KernelSum<Key, Value>[];
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#followed.dispose();
    const { earlierSums } = this.#context;
    for (const [name, map] of this.#countMaps)
      earlierSums.set(name, addSums(earlierSums.get(name) ?? new Map(), map));
    this.#closed = true;
    this.#object.close();
  }
}

function readCounters(counters: BpfMap, attachments: readonly Attachment[]): KernelCounts {
  const perCpu = counters.lookup(0) as readonly Record<
    "seen" | "filtered" | "aggregated" | "suppressed" | "ring_lost",
    bigint
  >[];
  const total = { seen: 0, filtered: 0, aggregated: 0, suppressed: 0, ring_lost: 0, missed: 0 };
  for (const count of perCpu) {
    total.seen += Number(count.seen);
    total.filtered += Number(count.filtered);
    total.aggregated += Number(count.aggregated);
    total.suppressed += Number(count.suppressed);
    total.ring_lost += Number(count.ring_lost);
  }
  for (const { program } of attachments) total.missed += Number(program.statistics().recursionMisses);
  total.seen += total.missed;
  return total;
}
