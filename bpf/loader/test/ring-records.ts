/** Makes records in the ring of `ring.bpf.c`, and checks them on the other side. */
import assert from "node:assert/strict";
import type { LoadedObject, RingBatch } from "../source/index.ts";
import { request } from "./fixture.ts";

/** Collects the numbers of the records, and checks that each is whole. */
export function collector(): { numbers: number[]; batches: number[]; take: (batch: RingBatch) => void } {
  const numbers: number[] = [];
  const batches: number[] = [];
  const take = (batch: RingBatch): void => {
    batches.push(batch.count);
    for (let index = 0; index < batch.count; index++) {
      const offset = batch.offsets[index] ?? -1;
      const length = batch.lengths[index] ?? 0;
      const number = batch.view.getBigUint64(offset, true);
      const last = batch.view.getBigUint64(offset + length - 8, true);
      assert.ok(length === 30000 ? last === number : last === BigInt.asUintN(64, ~number));
      assert.equal(offset % 8, 0);
      numbers.push(Number(number));
    }
  };
  return { numbers, batches, take };
}

export function produce(object: LoadedObject, first: number, count: number, discardEvery: number = 0): void {
  object.program("produce").run({ context: request(first, count, discardEvery) });
}

export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
