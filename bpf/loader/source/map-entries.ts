/** Walks all entries of a map, in batches where the kernel offers them, key by key otherwise. */
import { native } from "./native.ts";
import type { NativeError, LoadedMap } from "./native.ts";

export interface RawEntry {
  readonly keys: Uint8Array;
  readonly keyAt: number;
  readonly values: Uint8Array;
  readonly valueAt: number;
}

interface EntrySizes {
  readonly keyBytes: number;
  readonly valueBytes: number;
}

type Fail = (errno: number, reason: string) => Error;

/** `fail` makes the error of a refusal. */
export function* readRawEntries(map: LoadedMap, sizes: EntrySizes, fail: Fail): Generator<RawEntry> {
  const batches = yield* readBatches(map, sizes);
  if (batches === "unavailable") yield* readByKey(map, sizes, fail);
}

const firstBatchEntries = 256;
/** A batch holds whole buckets of a hash: too small for one says ENOSPC. */
const noSpace = 28;

function* readBatches(map: LoadedMap, sizes: EntrySizes): Generator<RawEntry, "done" | "unavailable"> {
  let limit = Math.min(firstBatchEntries, Math.max(1, map.capacity));
  let keys = new Uint8Array(limit * sizes.keyBytes);
  let values = new Uint8Array(limit * sizes.valueBytes);
  // The cursor is a bucket number for hashes and a key for the others.
  const cursor = new Uint8Array(Math.max(4, sizes.keyBytes));
  let isFirst = true;
  for (;;) {
    let count = 0;
    let isEnd = false;
    try {
      const from = isFirst ? null : cursor;
      [count, isEnd] = native().map_lookup_batch(map.object, map.name, from, cursor, keys, values, limit);
    } catch (error) {
      if ((error as NativeError).errno !== noSpace || limit > map.capacity) {
        // Only before the first entry is another way open; later the walk ends as if entries had gone.
        return isFirst ? "unavailable" : "done";
      }
      limit *= 2;
      keys = new Uint8Array(limit * sizes.keyBytes);
      values = new Uint8Array(limit * sizes.valueBytes);
      continue;
    }
    for (let index = 0; index < count; index++)
      yield { keys, keyAt: index * sizes.keyBytes, values, valueAt: index * sizes.valueBytes };
    if (isEnd) return "done";
    isFirst = false;
  }
}

/** Keys first: deleting the key that a walk stands on makes the kernel begin anew. */
function* readByKey(map: LoadedMap, sizes: EntrySizes, fail: Fail): Generator<RawEntry> {
  const value = new Uint8Array(sizes.valueBytes);
  for (const key of readKeys(map, sizes, fail)) {
    if (call(fail, () => native().map_lookup(map.object, map.name, key, value)))
      yield { keys: key, keyAt: 0, values: value, valueAt: 0 };
  }
}

function readKeys(map: LoadedMap, sizes: EntrySizes, fail: Fail): Iterable<Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  let previous: Uint8Array | null = null;
  // Twice the capacity ends a walk that others' deletions keep throwing back to the beginning.
  for (let step = 0; step <= 2 * map.capacity; step++) {
    const key: Uint8Array = new Uint8Array(sizes.keyBytes);
    const from = previous;
    if (!call(fail, () => native().map_next_key(map.object, map.name, from, key))) break;
    keys.set(Buffer.from(key.buffer).toString("latin1"), key);
    previous = key;
  }
  return keys.values();
}

function call(fail: Fail, ask: () => boolean): boolean {
  try {
    return ask();
  } catch (error) {
    const { errno, reason } = error as NativeError;
    throw fail(errno, reason);
  }
}
