/** The one file that knows PouchDB: opens a database and gives it the few typed operations the log needs. */
import { createRequire } from "node:module";
import { createGuardedLeveldown } from "./guarded-leveldown.ts";
import { accessLeveldown, type OrderedValues } from "./ordered-values.ts";
import { findSequence, readPage, readSequences, type SequencePage } from "./sequence-reader.ts";

/** A stored document; `_id` orders them by bytes. */
export interface Document {
  readonly _id: string;
}

interface Range {
  /** First id, inclusive. */
  readonly from: string;
  /** Last id, inclusive. */
  readonly to: string;
  readonly limit?: number;
}

export interface Database {
  /**
   * Writes all in one atomic step. Documents whose id is there already are left as they are; returns how many. Those
   * that `isAbsent` says yes to are taken to be new without a look.
   */
  insert(documents: readonly Document[], isAbsent?: (id: string) => boolean): Promise<number>;
  /** Documents of a range in the order of their ids. */
  readDocuments(range: Range): Promise<Document[]>;
  readLastId(range: Range): Promise<string | undefined>;
  /** Documents are numbered from 1 in the order they were written; this is the number of the last. */
  readonly lastSequence: number;
  /** Documents with `after` < sequence <= `through`, and which of them are damaged. */
  readPage(after: number, through: number): Promise<SequencePage>;
  /** How many documents come up to and including an id, where ids that `isOrdered` says yes to were written in order. */
  findSequence(id: string, isOrdered: (id: string) => boolean): Promise<number>;
  /** The sequence numbers of a range of ids. */
  readSequences(range: Range): Promise<number[]>;
  /** Local documents are outside the ranges and keep no revisions. */
  readLocal<Content extends object>(id: string): Promise<Content | undefined>;
  writeLocal(id: string, content: object): Promise<void>;
  close(): Promise<void>;
}

interface PouchError {
  readonly status?: number;
  readonly error?: unknown;
  readonly name?: string;
  readonly message?: string;
}

interface Row {
  readonly id: string;
  readonly doc?: object;
}

interface Pouch {
  info(): Promise<{ readonly update_seq: number }>;
  bulkDocs(documents: readonly Document[]): Promise<PouchError[]>;
  allDocs(options: object): Promise<{ readonly rows: Row[] }>;
  get(id: string): Promise<{ readonly _rev: string }>;
  put(document: Document): Promise<{ readonly rev: string }>;
  close(): Promise<void>;
}

// By `require`, because the published types replace Node's own `Buffer` in every file of the program.
const require = createRequire(import.meta.url);
export const PouchDB = require("pouchdb") as new (directory: string, settings: object) => Pouch;

// Measured with batches of 500: revisions by hash instead of by chance cost 10 % of the write speed and serve replication only.
const SETTINGS = {
  adapter: "leveldb",
  revs_limit: 1,
  auto_compaction: false,
  deterministic_revs: false,
} as const;

/** Opens or creates the database in `directory`. Rejects with LevelDB's error if that cannot be. */
export async function openDatabase(directory: string): Promise<Database> {
  let level: OrderedValues | undefined;
  let isKnownAbsent = isNever;
  const guarded = createGuardedLeveldown({
    onCreate: (raw) => (level = accessLeveldown(raw)),
    isAbsent: (id) => isKnownAbsent(id),
  });
  const pouch = new PouchDB(directory, { ...SETTINGS, db: guarded });
  let lastSequence = (await pouch.info()).update_seq;
  const revisions = new Map<string, string>();

  function readLevel(): OrderedValues {
    if (level === undefined) throw new Error("PouchDB did not open LevelDB");
    return level;
  }

  async function readRange(range: Range, withDocuments: boolean, descending = false): Promise<Row[]> {
    const result = await pouch.allDocs({
      // PouchDB wants the start of a descending range at its upper end.
      startkey: descending ? range.to : range.from,
      endkey: descending ? range.from : range.to,
      include_docs: withDocuments,
      descending,
      ...(range.limit === undefined ? {} : { limit: range.limit }),
    });
    return result.rows;
  }

  return {
    async insert(documents, isAbsent = isNever) {
      isKnownAbsent = isAbsent;
      const results = await pouch.bulkDocs(documents);
      const failures = results.filter((result) => result.error);
      lastSequence += results.length - failures.length;
      const failure = failures.find((result) => result.status !== 409);
      if (failure)
        throw new Error(`PouchDB refused a document: ${failure.message ?? failure.name ?? "no reason"}`);
      return failures.length;
    },
    readDocuments: async (range) =>
      (await readRange(range, true)).map(({ doc, id }) => Object.assign(doc ?? {}, { _id: id })),
    readLastId: async (range) => (await readRange({ ...range, limit: 1 }, false, true))[0]?.id,
    get lastSequence() {
      return lastSequence;
    },
    readPage: (after, through) => readPage(readLevel(), after, Math.min(through, lastSequence)),
    findSequence: (id, isOrdered) => findSequence(readLevel(), id, { last: lastSequence, isOrdered }),
    readSequences: ({ from, to }) => readSequences(readLevel(), from, to),
    async readLocal<Content extends object>(id: string) {
      try {
        const found = await pouch.get(`_local/${id}`);
        revisions.set(id, found._rev);
        return found as Content & { readonly _rev: string };
      } catch (error) {
        if ((error as PouchError).status === 404) return undefined;
        throw error;
      }
    },
    async writeLocal(id, content) {
      const revision = revisions.get(id);
      const document = { ...content, _id: `_local/${id}`, ...(revision ? { _rev: revision } : {}) };
      const { rev } = await pouch.put(document);
      revisions.set(id, rev);
    },
    close: () => pouch.close(),
  };
}

function isNever(_id: string): boolean {
  return false;
}
