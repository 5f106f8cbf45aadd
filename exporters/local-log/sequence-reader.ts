/**
 * Reads the documents of one database in the order they were written, straight from LevelDB below PouchDB. PouchDB's own
 * ways ask LevelDB once more for each document, which costs several times as much, and pass over what is damaged; here
 * the gaps are counted, because PouchDB numbers its documents without a gap as long as none is changed.
 */
import { DOCUMENTS, LAST_SEQUENCE, METADATA } from "./guarded-leveldown.ts";
import type { OrderedValues } from "./ordered-values.ts";
import type { Document } from "./pouch-database.ts";

export interface SequencePage {
  /** What could be read, in order. */
  readonly documents: Document[];
  /** Sequence numbers of documents that could not be read. */
  readonly damaged: readonly number[];
}

/** Documents with `after` < sequence <= `through`. */
export async function readPage(level: OrderedValues, after: number, through: number): Promise<SequencePage> {
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
  level: OrderedValues,
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
export async function readSequences(level: OrderedValues, from: string, to: string): Promise<number[]> {
  const sequences: number[] = [];
  for (const [, value] of await level.readRange(METADATA + from, METADATA + to)) {
    const { seq } = (parse(value) ?? {}) as { readonly seq?: number };
    if (seq !== undefined) sequences.push(seq);
  }
  return sequences;
}

/** The number of the last document, which PouchDB notes with each write; where that is lost, of the last one found. */
export async function readLastSequence(level: OrderedValues): Promise<number> {
  const noted = Number(await level.readValue(LAST_SEQUENCE));
  if (Number.isSafeInteger(noted)) return noted;
  const found = await level.readRange(keyOf(1), keyOf(Number.MAX_SAFE_INTEGER));
  return Number(found.at(-1)?.[0].slice(DOCUMENTS.length) ?? 0);
}

async function readValues(
  level: OrderedValues,
  after: number,
  through: number,
): Promise<Map<number, string>> {
  const values = new Map<number, string>();
  if (after >= through) return values;
  try {
    for (const [key, value] of await level.readRange(keyOf(after + 1), keyOf(through)))
      values.set(Number(key.slice(DOCUMENTS.length)), value);
  } catch {
    // One damaged block ends the whole range, but not a look at each document by itself.
    for (let sequence = after + 1; sequence <= through; sequence += 1) {
      const value = await level.readValue(keyOf(sequence));
      if (value !== undefined) values.set(sequence, value);
    }
  }
  return values;
}

function keyOf(sequence: number): string {
  return DOCUMENTS + String(sequence).padStart(16, "0");
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
