/** The kernel half of an event: load, attach, read, and take what it counted into the event's books. */
import { openObject } from "bpf-loader-napi";
import type { BpfMap, Link, LoadedObject, Program, RingBatch } from "bpf-loader-napi";
import type { Accounting, KernelCounts, OutcomeCounts } from "./accounting.ts";
import type { EventBpfOptions, EventLog, LoadedEvent, RecordLayout } from "./contract.ts";

/** Names that bpf/include/records.h gives to the ring and the counters of every object. */
const RING = "records";
const COUNTERS = "counters";

export interface EventBpfContext {
  readonly signal: AbortSignal;
  readonly accounting: Accounting;
  readonly log: EventLog;
  /** Sums of maps of counts from earlier runs, by map and key. */
  readonly earlierCounts: Map<string, Map<number, number>>;
  /** Called before a batch of records is handled. */
  onBatch(): void;
}

/** Throws the loader's error, which names the phase and the program, when a needed program does not attach. */
export function loadEvent(options: EventBpfOptions, context: EventBpfContext): LoadedEvent {
  const optional = withoutUnloadable(options);
  const opened = openObject(options.object, {
    constants: options.constants ?? {},
    programs: [...options.programs, ...optional],
  });
  const hooks = new Map(opened.programs.map(({ name, section }) => [name, section]));
  const object = opened.load();
  try {
    const attach = (name: string): Attachment => ({
      hook: hooks.get(name) ?? name,
      program: object.program(name),
      link: object.attach(name),
    });
    return new AttachedEvent(object, attachAll(attach, options.programs, optional), options, context);
  } catch (error) {
    object.close();
    throw error;
  }
}

/** Which of the optional programs this kernel's verifier takes; one that it refuses must not cost the event. */
function withoutUnloadable(options: EventBpfOptions): readonly string[] {
  return (options.optionalPrograms ?? []).filter((program) => {
    try {
      openObject(options.object, { programs: [program] })
        .load()
        .close();
      return true;
    } catch {
      // The loader's reason matters to nobody: the event is complete without this program.
      return false;
    }
  });
}

interface Attachment {
  readonly hook: string;
  readonly program: Program;
  readonly link: Link;
}

function attachAll(
  attach: (name: string) => Attachment,
  needed: readonly string[],
  optional: readonly string[],
): Attachment[] {
  const attached = needed.map(attach);
  for (const name of optional) {
    try {
      attached.push(attach(name));
    } catch {
      // Loads but does not attach, for instance a kprobe on a kernel without kprobes.
    }
  }
  return attached;
}

class AttachedEvent implements LoadedEvent {
  readonly hooks: readonly string[];
  readonly #object: LoadedObject;
  readonly #attachments: readonly Attachment[];
  readonly #context: EventBpfContext;
  readonly #followed: Disposable;
  readonly #countMaps: ReadonlyMap<string, BpfMap>;
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
    this.#followed = context.accounting.follow(() => readCounters(counters, attachments));
  }

  async read<Record>(layout: RecordLayout<Record>, handle: (record: Record) => void): Promise<void> {
    const { signal } = this.#context;
    const reader = this.#object.ringReader(RING, {}, (batch) => {
      this.#context.onBatch();
      this.#handleBatch(batch, layout, handle);
    });
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
    // Nothing new may come while the rest is read, else the books would never close.
    for (const { link } of this.#attachments) link.close();
    reader.drain();
    reader.close();
  }

  totals(): OutcomeCounts {
    return this.#context.accounting.counts();
  }

  counts(map: string): ReadonlyMap<number, number> {
    const earlier = this.#context.earlierCounts.get(map) ?? new Map<number, number>();
    const live = this.#countMaps.get(map);
    return this.#closed || live === undefined ? earlier : addCounts(earlier, live);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#followed[Symbol.dispose]();
    for (const [name] of this.#countMaps) this.#context.earlierCounts.set(name, new Map(this.counts(name)));
    this.#closed = true;
    this.#object.close();
  }

  #handleBatch<Record>(
    batch: RingBatch,
    layout: RecordLayout<Record>,
    handle: (record: Record) => void,
  ): void {
    const { accounting, log } = this.#context;
    for (let index = 0; index < batch.count; index++) {
      const offset = batch.offsets[index] ?? 0;
      const sizeBytes = batch.lengths[index] ?? 0;
      try {
        if (sizeBytes !== layout.sizeBytes)
          throw new RangeError(`${sizeBytes} bytes instead of ${layout.sizeBytes}`);
        handle(layout.read(batch.view, offset));
      } catch (error) {
        accounting.add("undecodable");
        log.warn("a record could not be decoded", error);
      }
    }
  }
}

function readCounters(counters: BpfMap, attachments: readonly Attachment[]): KernelCounts {
  const perCpu = counters.lookup(0) as readonly Record<
    "seen" | "filtered" | "suppressed" | "ring_lost",
    bigint
  >[];
  const total = { seen: 0, filtered: 0, suppressed: 0, ring_lost: 0, missed: 0 };
  for (const count of perCpu) {
    total.seen += Number(count.seen);
    total.filtered += Number(count.filtered);
    total.suppressed += Number(count.suppressed);
    total.ring_lost += Number(count.ring_lost);
  }
  for (const { program } of attachments) total.missed += Number(program.statistics().recursionMisses);
  total.seen += total.missed;
  return total;
}

function addCounts(earlier: ReadonlyMap<number, number>, map: BpfMap): Map<number, number> {
  const total = new Map(earlier);
  for (const [key, perCpu] of map.entries()) {
    let sum = 0;
    for (const count of perCpu as readonly bigint[]) sum += Number(count);
    total.set(Number(key), (total.get(Number(key)) ?? 0) + sum);
  }
  return total;
}
