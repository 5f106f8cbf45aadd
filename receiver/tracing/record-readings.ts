/** The kinds of records that one ring brings, told apart by their size. */
import type { RingBatch } from "bpf-loader-napi";
import type { RecordLayout } from "./contract.ts";

export class RecordReadings {
  readonly #bySize = new Map<number, (view: DataView, offset: number) => void>();

  /** Throws a `TypeError` for a second kind of the same size: one of the structs needs other padding. */
  add<Record>(layout: RecordLayout<Record>, handle: (record: Record) => void): void {
    const { sizeBytes } = layout;
    if (this.#bySize.has(sizeBytes)) throw new TypeError(`two kinds of records have ${sizeBytes} bytes`);
    this.#bySize.set(sizeBytes, (view, offset) => {
      handle(layout.read(view, offset));
    });
  }

  /** Hands over each record of a batch; what cannot be decoded or handled goes to `onTrouble`, one by one. */
  handle(batch: RingBatch, onTrouble: (error: unknown) => void): void {
    for (let index = 0; index < batch.count; index++) {
      const sizeBytes = batch.lengths[index] ?? 0;
      try {
        const take = this.#bySize.get(sizeBytes);
        if (take === undefined) throw new RangeError(`${sizeBytes} bytes instead of ${this.#expected()}`);
        take(batch.view, batch.offsets[index] ?? 0);
      } catch (error) {
        onTrouble(error);
      }
    }
  }

  #expected(): string {
    return [...this.#bySize.keys()].join(" or ");
  }
}
