/** Keys and values in the order of the keys, as whatever holds a segment's documents gives them. */
import type { LevelDown } from "./guarded-leveldown.ts";

export interface OrderedValues {
  /** Both ends included. Rejects where LevelDB cannot read some of it. */
  readRange(from: string, to: string): Promise<(readonly [string, string])[]>;
  readValue(key: string): Promise<string | undefined>;
}

/** More than a page of records takes; LevelDB hands over what fits at once. */
const HAND_OVER_BYTES = 4 << 20;

/** leveldown's own options; it takes none for granted below its public face. */
const ALL_AS_TEXT = {
  limit: -1,
  reverse: false,
  keys: true,
  values: true,
  keyAsBuffer: false,
  valueAsBuffer: false,
  fillCache: false,
  highWaterMark: HAND_OVER_BYTES,
};

/** Straight from LevelDB, below PouchDB. */
export function accessLeveldown(level: Pick<LevelDown, "_get" | "_iterator">): OrderedValues {
  return {
    readRange(gte, lte) {
      const iterator = level._iterator({ ...ALL_AS_TEXT, gte, lte });
      return new Promise((resolve, reject) => {
        const found: (readonly [string, string])[] = [];
        const end = (error?: Error | null): void => {
          iterator.end(() => (error ? reject(error) : resolve(found)));
        };
        const take = (): void => {
          iterator._next((error, key, value) => {
            if (error || key === undefined) return end(error);
            found.push([String(key), String(value)]);
            take();
          });
        };
        take();
      });
    },
    readValue: (key) =>
      new Promise((resolve) => {
        level._get(key, { asBuffer: false, fillCache: false }, (error, value) => {
          resolve(error || value === undefined ? undefined : String(value));
        });
      }),
  };
}
