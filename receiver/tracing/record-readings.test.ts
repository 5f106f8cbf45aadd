import assert from "node:assert/strict";
import { test } from "node:test";
import type { RingBatch } from "bpf-loader-napi";
import { RecordReadings } from "./record-readings.ts";

/** As the BTF of an object has them: name, id and size. */
const structs = new Map([
  ["byte_record", { id: 5, sizeBytes: 9 }],
  ["word_record", { id: 9, sizeBytes: 10 }],
  ["other_record", { id: 12, sizeBytes: 9 }],
]);
const types = {
  find: (name: string): number | undefined => structs.get(name)?.id,
  sizeOf: (id: number): number =>
    [...structs.values()].find((each) => each.id === id)?.sizeBytes ?? assert.fail(`no type ${id}`),
};

const byte = {
  struct: "byte_record",
  sizeBytes: 9,
  read: (view: DataView, offset: number): number => view.getUint8(offset + 8),
};
const word = {
  struct: "word_record",
  sizeBytes: 10,
  read: (view: DataView, offset: number): number => view.getUint16(offset + 8, true),
};

function recordOf(kind: number | bigint, ...bytes: readonly number[]): Uint8Array {
  const record = new Uint8Array(8 + bytes.length);
  new DataView(record.buffer).setBigUint64(0, BigInt(kind), true);
  record.set(bytes, 8);
  return record;
}

function batchOf(...records: readonly Uint8Array[]): RingBatch {
  const lengths = records.map((record) => record.length);
  const offsets = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  const view = new DataView(new Uint8Array(Buffer.concat(records)).buffer);
  return { view, offsets, lengths, count: lengths.length } as never;
}

function readAll(readings: RecordReadings, batch: RingBatch): string[] {
  const troubles: string[] = [];
  readings.handle(batch, (error) => troubles.push(String(error)));
  return troubles;
}

test("each kind of record reaches its own handler, in the order of the ring", () => {
  const taken: string[] = [];
  const readings = RecordReadings.of(types, [
    [byte, (value): void => void taken.push(`byte ${value}`)],
    [word, (value): void => void taken.push(`word ${value}`)],
  ]);
  assert.deepEqual(readAll(readings, batchOf(recordOf(9, 1, 0), recordOf(5, 7), recordOf(9, 2, 0))), []);
  assert.deepEqual(taken, ["word 1", "byte 7", "word 2"]);
});

test("two kinds of one size are told apart by what they begin with", () => {
  const taken: string[] = [];
  const readings = RecordReadings.of(types, [
    [{ ...byte, struct: "other_record" }, (value): void => void taken.push(`other ${value}`)],
    [byte, (value): void => void taken.push(`byte ${value}`)],
  ]);
  assert.deepEqual(readAll(readings, batchOf(recordOf(5, 1), recordOf(12, 2))), []);
  assert.deepEqual(taken, ["byte 1", "other 2"]);
});

test("a record of an unknown kind, of another size or without a kind is trouble, and the next one is read", () => {
  const taken: number[] = [];
  const readings = RecordReadings.of(types, [[byte, (value): void => void taken.push(value)]]);
  const troubles = readAll(
    readings,
    batchOf(
      recordOf(9, 1, 0),
      recordOf(5, 1, 2),
      recordOf((1n << 32n) + 5n, 1),
      Uint8Array.of(5, 0, 0),
      recordOf(5, 3),
    ),
  );
  assert.deepEqual(taken, [3]);
  assert.deepEqual(troubles, [
    "RangeError: nothing reads records of kind 9",
    "RangeError: byte_record of 10 bytes instead of 9",
    "RangeError: nothing reads records of kind 4294967301",
    "RangeError: a record of 3 bytes has no kind",
  ]);
});

test("a reader that does not fit the object is named, and decodes nothing", () => {
  const readings = RecordReadings.of(types, [
    [{ ...byte, sizeBytes: 16 }, (): never => assert.fail()],
    [{ ...byte, struct: "missing_record" }, (): never => assert.fail()],
  ]);
  assert.deepEqual(readings.mismatches, [
    "byte_record has 9 bytes, and its reader is for 16",
    "the object has no records missing_record",
  ]);
  const troubles = readAll(readings, batchOf(recordOf(5, 1), recordOf(5, 1, 2, 3, 4, 5, 6, 7, 8)));
  assert.deepEqual(troubles, [
    "RangeError: byte_record has no reader that fits",
    "RangeError: byte_record has no reader that fits",
  ]);
});

test("two readers of one kind are refused", () => {
  assert.throws(
    () =>
      RecordReadings.of(types, [
        [byte, (): void => {}],
        [byte, (): void => {}],
      ]),
    /byte_record have two readers/,
  );
});
