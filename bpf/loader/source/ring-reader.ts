/** Reads one ring buffer in batches, a bounded part of it per turn of the event loop. */
import { requireCount } from "./argument.ts";
import { BpfError } from "./error.ts";
import type { BpfMap } from "./map.ts";
import { sumValues } from "./map-sum.ts";
import type { LoadedMap } from "./native.ts";
import type { RingBatch } from "./ring-batch.ts";
import { RingSource } from "./ring-source.ts";
import type { RingStop } from "./ring-source.ts";

export type { RingBatch } from "./ring-batch.ts";

export interface RingReaderOptions {
  /** Most records of one batch; a turn of the event loop reads one batch. 1024 without it. */
  readonly maxRecordsPerTurn?: number;
  /** Most ring space of one batch, a single larger record excepted. 1 MiB without it. */
  readonly maxBytesPerTurn?: number;
  /** A map, per CPU or not, in which the program counts records that found no space. */
  readonly lostMap?: string;
}

export interface RingCounts {
  readonly recordsRead: number;
  readonly batches: number;
  /** Ring space not read yet, headers and discarded records included. */
  readonly pendingBytes: number;
  /** What the program counted in `lostMap`; undefined without one. */
  readonly lost: number | undefined;
}

interface RingReaderParts {
  readonly map: LoadedMap;
  readonly lost: BpfMap | undefined;
  readonly options: RingReaderOptions;
  readonly onBatch: (batch: RingBatch) => void;
  readonly onClose: () => void;
}

/** A record is under way for microseconds; asking the kernel again at once would spin. */
const busyDelayMs = 1;

/** Keeps the process alive until closed, unless `unref` was called. */
export class RingReader implements Disposable {
  readonly #name: string;
  readonly #source: RingSource;
  readonly #lost: BpfMap | undefined;
  readonly #onBatch: (batch: RingBatch) => void;
  readonly #onClose: () => void;
  /** The next turn, where it does not wait for the kernel. */
  #next: NodeJS.Immediate | NodeJS.Timeout | undefined;
  #isPaused = false;
  #isDelivering = false;
  #recordsRead = 0;
  #batches = 0;

  /** Use `LoadedObject.ringReader`. */
  constructor({ map, lost, options, onBatch, onClose }: RingReaderParts) {
    const { maxRecordsPerTurn = 1024, maxBytesPerTurn = 1024 * 1024 } = options;
    requireCount("options.maxRecordsPerTurn", maxRecordsPerTurn, "read");
    requireCount("options.maxBytesPerTurn", maxBytesPerTurn, "read");
    this.#name = map.name;
    this.#lost = lost;
    this.#onBatch = onBatch;
    this.#onClose = onClose;
    const limits = { records: maxRecordsPerTurn, bytes: maxBytesPerTurn };
    this.#source = new RingSource(map, limits, () => this.#wake());
    this.#source.setReferenced(true);
  }

  /** Calls `onBatch` no more until `resume`; what arrives stays in the ring. */
  pause(): void {
    this.#source.checkOpen();
    this.#isPaused = true;
    this.#cancel();
  }

  resume(): void {
    this.#source.checkOpen();
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Within onBatch the turn itself goes on.
    if (!this.#isDelivering) this.#schedule("more");
  }

  /**
   * Reads at once all that was in the ring when it was called, also while paused; for the end, or before a decision.
   * Returns the number of records. Throws what `onBatch` throws, and `BPF_READER_BUSY` from within it.
   */
  drain(): number {
    const end = this.#source.positions().producer;
    if (this.#isDelivering) {
      const message = `Ring ${this.#name} cannot be drained from within its onBatch.`;
      throw new BpfError("BPF_READER_BUSY", message, { phase: "read" });
    }
    const before = this.#recordsRead;
    while (!this.#source.isClosed && this.#source.positions().consumer < end) {
      const stop = this.#source.read();
      this.#deliver();
      if (stop === "busy") break;
    }
    return this.#recordsRead - before;
  }

  counts(): RingCounts {
    const { consumer, producer } = this.#source.positions();
    return {
      recordsRead: this.#recordsRead,
      batches: this.#batches,
      pendingBytes: producer - consumer,
      lost: this.#lost === undefined ? undefined : Number(sumValues(this.#lost)),
    };
  }

  ref(): void {
    this.#source.setReferenced(true);
    this.#next?.ref();
  }

  unref(): void {
    this.#source.setReferenced(false);
    this.#next?.unref();
  }

  /** Safe at any time, also within `onBatch`. */
  close(): void {
    if (this.#source.isClosed) return;
    this.#cancel();
    this.#source.close();
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #wake(): void {
    if (this.#next === undefined) this.#turn();
  }

  #turn(): void {
    this.#next = undefined;
    if (this.#source.isClosed || this.#isPaused) return;
    const stop = this.#source.read();
    try {
      this.#deliver();
    } finally {
      if (!this.#source.isClosed && !this.#isPaused) this.#schedule(stop);
    }
  }

  #deliver(): void {
    const { batch } = this.#source;
    if (batch.count === 0) return;
    this.#recordsRead += batch.count;
    this.#batches += 1;
    this.#isDelivering = true;
    try {
      this.#onBatch(batch);
    } finally {
      this.#isDelivering = false;
    }
  }

  #schedule(stop: RingStop): void {
    if (stop === "empty") {
      this.#source.arm();
      return;
    }
    const turn = (): void => this.#turn();
    this.#next = stop === "more" ? setImmediate(turn) : setTimeout(turn, busyDelayMs);
    if (!this.#source.isReferenced) this.#next.unref();
  }

  #cancel(): void {
    clearImmediate(this.#next as NodeJS.Immediate | undefined);
    clearTimeout(this.#next as NodeJS.Timeout | undefined);
    this.#next = undefined;
  }
}
