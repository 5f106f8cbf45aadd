import assert from "node:assert/strict";
import { test } from "node:test";
import type { RingBatch } from "bpf-loader-napi";
import { RecordReadings } from "./record-readings.ts";

const byte = { sizeBytes: 1, read: (view: DataView, offset: number) => view.getUint8(offset) };
const word = { sizeBytes: 2, read: (view: DataView, offset: number) => view.getUint16(offset) };

function batchOf(lengths: readonly number[], ...bytes: readonly number[]): RingBatch {
  const offsets = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  return {
    view: new DataView(new Uint8Array(bytes).buffer),
    offsets,
    lengths,
    count: lengths.length,
  } as never;
}

test("each kind of record reaches its own handler, in the order of the ring", () => {
  const readings = new RecordReadings();
  const taken: string[] = [];
  readings.add(byte, (value) => taken.push(`byte ${value}`));
  readings.add(word, (value) => taken.push(`word ${value}`));
  readings.handle(batchOf([2, 1, 2], 1, 0, 7, 0, 9), assert.ifError);
  assert.deepEqual(taken, ["word 256", "byte 7", "word 9"]);
});

test("a record of no known size is trouble and the next one is read", () => {
  const readings = new RecordReadings();
  const taken: number[] = [];
  const troubles: string[] = [];
  readings.add(byte, (value) => taken.push(value));
  readings.handle(batchOf([3, 1], 0, 0, 0, 5), (error) => troubles.push(String(error)));
  assert.deepEqual([taken, troubles], [[5], ["RangeError: 3 bytes instead of 1"]]);
});

test("two kinds of the same size cannot be told apart and are refused", () => {
  const readings = new RecordReadings();
  readings.add(byte, () => {});
  assert.throws(() => {
    readings.add(byte, () => {});
  }, /two kinds of records have 1 bytes/);
});
