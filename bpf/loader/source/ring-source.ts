/** The ring itself: its memory, read into a batch, and its place in the native thread's watch. */
import { Lifetime } from "./lifetime.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { LoadedMap, RingHandle } from "./native.ts";
import { ReusableBatch } from "./ring-batch.ts";
import { forgetReader, registerReader } from "./ring-dispatch.ts";

export interface RingLimits {
  readonly records: number;
  readonly bytes: number;
}

/** Where a read stopped: nothing left; more there; or at a record that a CPU is writing at this moment. */
export type RingStop = "empty" | "more" | "busy";

const firstBufferBytes = 64 * 1024;

export class RingSource {
  readonly batch: ReusableBatch;
  readonly #name: string;
  readonly #lifetime: Lifetime;
  readonly #id: number;
  readonly #ring: RingHandle;
  readonly #limits: Uint32Array;
  readonly #result: Uint32Array = new Uint32Array(4);
  readonly #positions: Float64Array = new Float64Array(2);
  #isReferenced = false;

  /** `onReady` is called once per arming; a new ring is armed. */
  constructor(map: LoadedMap, limits: RingLimits, onReady: () => void) {
    this.#name = map.name;
    this.#lifetime = new Lifetime(`Reader of ring ${map.name}`);
    this.#limits = Uint32Array.of(limits.records, limits.bytes);
    this.batch = new ReusableBatch(Math.min(firstBufferBytes, limits.bytes), limits.records);
    this.#id = this.#attempt("opened", () => registerReader(onReady));
    try {
      this.#ring = this.#attempt("opened", () => native().ring_open(map.object, map.name, this.#id));
    } catch (error) {
      forgetReader(this.#id);
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#lifetime.isOver;
  }

  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  checkOpen(): void {
    this.#lifetime.check("read");
  }

  /** Copies the next records into the batch. They have left the ring then, whatever becomes of the batch. */
  read(): RingStop {
    const { batch } = this;
    if (batch.isTooSmall) batch.grow(Math.min(this.#limits[1] ?? 0, 2 * batch.bytes.length));
    batch.count = native().ring_read(this.#ring, batch.bytes, batch.index, this.#limits, this.#result);
    const [neededBytes = 0, isBusy, isFull, hasMore] = this.#result;
    if (neededBytes > 0) {
      batch.grow(neededBytes);
      return this.read();
    }
    batch.isTooSmall = isFull === 1 && batch.bytes.length < (this.#limits[1] ?? 0);
    if (isBusy === 1) return "busy";
    return hasMore === 1 ? "more" : "empty";
  }

  /** Bytes since the ring was made. */
  positions(): { consumer: number; producer: number } {
    this.checkOpen();
    native().ring_positions(this.#ring, this.#positions);
    const [consumer = 0, producer = 0] = this.#positions;
    return { consumer, producer };
  }

  arm(): void {
    this.#attempt("watched", () => native().ring_arm(this.#ring));
  }

  setReferenced(isReferenced: boolean): void {
    this.checkOpen();
    if (isReferenced && !this.#isReferenced) native().ring_hold(this.#ring);
    if (!isReferenced && this.#isReferenced) native().ring_release(this.#ring);
    this.#isReferenced = isReferenced;
  }

  close(): void {
    this.setReferenced(false);
    this.#lifetime.end();
    forgetReader(this.#id);
    native().ring_close(this.#ring);
  }

  #attempt<Result>(verb: string, call: () => Result): Result {
    const failure = `Ring ${this.#name} could not be ${verb}`;
    return attempt({ code: "BPF_READER_FAILED", phase: "read", failure }, call);
  }
}
