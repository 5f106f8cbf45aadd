/**
 * Reads the documents of one database in the order they were written, straight from LevelDB below PouchDB. PouchDB's own
 * ways ask LevelDB once more for each document, which costs several times as much, and pass over what is damaged; here
 * the gaps are counted, because PouchDB numbers its documents without a gap as long as none is changed.
 */
import { DOCUMENTS, type LevelDown, METADATA } from "./guarded-leveldown.ts";
import type { Document } from "./pouch-database.ts";

export interface SequencePage {
  /** What could be read, in order. */
  readonly documents: Document[];
  /** Sequence numbers of documents that could not be read. */
  readonly damaged: readonly number[];
}

export type RawLevel = Pick<LevelDown, "_get" | "_iterator">;

/** More than a page of records takes; LevelDB hands over what fits at once. */
const HAND_OVER_BYTES = 4 << 20;

/** Documents with `after` < sequence <= `through`. */
export async function readPage(level: RawLevel, after: number, through: number): Promise<SequencePage> {
  const values = await readValues(level, after, through);
  const documents: Document[] = [];
  const damaged: number[] = [];
  for (let sequence = after + 1; sequence <= through; sequence += 1) {
    const document = parseDocument(values.get(sequence));
    if (document) documents.push(document);
    else damaged.push(sequence);
  }
  return { documents, damaged };
}

/**
 * How many of the first `last` documents come up to and including an id, where those ids that `isOrdered` says yes to
 * grow with the sequence. Where damage hides it, the document before the gap counts.
 */
export async function findSequence(
  level: RawLevel,
  id: string,
  { last, isOrdered }: { readonly last: number; readonly isOrdered: (id: string) => boolean },
): Promise<number> {
  let [low, high] = [0, last + 1];
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    let found: { readonly id: string; readonly sequence: number } | undefined;
    for (let from = middle; from < high && !found; from += PROBE) {
      const values = await readValues(level, from - 1, Math.min(from + PROBE, high) - 1);
      for (const [sequence, value] of values) {
        const probed = parseDocument(value)?._id;
        if (probed !== undefined && isOrdered(probed)) found ??= { id: probed, sequence };
      }
    }
    if (found && found.id <= id) low = found.sequence;
    else high = middle;
  }
  return low;
}

/** Documents at which one probe looks; only others that are written between the ordered ones make it look at more. */
const PROBE = 8;

/** Sequence numbers of the documents with these ids, from what PouchDB keeps about each. */
export async function readSequences(level: RawLevel, from: string, to: string): Promise<number[]> {
  const sequences: number[] = [];
  for (const [, value] of await readRange(level, METADATA + from, METADATA + to)) {
    const { seq } = (parse(value) ?? {}) as { readonly seq?: number };
    if (seq !== undefined) sequences.push(seq);
  }
  return sequences;
}

async function readValues(level: RawLevel, after: number, through: number): Promise<Map<number, string>> {
  const values = new Map<number, string>();
  if (after >= through) return values;
  try {
    for (const [key, value] of await readRange(level, keyOf(after + 1), keyOf(through)))
      values.set(Number(key.slice(DOCUMENTS.length)), value);
  } catch {
    // One damaged block ends the whole range, but not a look at each document by itself.
    for (let sequence = after + 1; sequence <= through; sequence += 1) {
      const value = await readValue(level, keyOf(sequence));
      if (value !== undefined) values.set(sequence, value);
    }
  }
  return values;
}

function keyOf(sequence: number): string {
  return DOCUMENTS + String(sequence).padStart(16, "0");
}

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

function readRange(level: RawLevel, gte: string, lte: string): Promise<(readonly [string, string])[]> {
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
}

function readValue(level: RawLevel, key: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    level._get(key, { asBuffer: false, fillCache: false }, (error, value) => {
      resolve(error || value === undefined ? undefined : String(value));
    });
  });
}

function parseDocument(value: string | undefined): Document | undefined {
  const document = value === undefined ? undefined : parse(value);
  return document && "_id" in document && typeof document._id === "string"
    ? (document as Document)
    : undefined;
}

function parse(value: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    // Damaged: the caller counts it.
    return undefined;
  }
}
