/**
 * LevelDB for PouchDB, such that a damaged value is a value and not a crash. PouchDB parses what LevelDB gives it
 * inside native callbacks: one flipped byte would throw where nobody can catch. Here every value is tried first,
 * and a bad one is replaced by an empty document, which refers to nothing.
 */
import { createRequire } from "node:module";

type Callback = (error?: Error | null, key?: string | Buffer, value?: string | Buffer) => void;

export interface LevelIterator {
  _next(callback: Callback): unknown;
  end(callback: (error?: Error | null) => void): void;
}

/** The parts of `leveldown` that are used: what PouchDB calls, and what reads past it. */
export interface LevelDown {
  _get(
    key: string | Buffer,
    options: object,
    callback: (error?: Error | null, value?: string | Buffer) => void,
  ): void;
  _iterator(options: object): LevelIterator;
}

export interface GuardHooks {
  /** Gets LevelDB as it is, without the guard, before PouchDB opens it. */
  readonly onCreate: (raw: Pick<LevelDown, "_get" | "_iterator">) => void;
  /** Whether no document of this id is there for certain; PouchDB would ask LevelDB for each one that it writes. */
  readonly isAbsent: (id: string) => boolean;
}

/** How PouchDB names its stores in LevelDB: between two of these bytes, before the key. */
export const DOCUMENTS: string = "\xffby-sequence\xff";
export const METADATA: string = "\xffdocument-store\xff";
export const LOCAL_DOCUMENTS: string = "\xfflocal-store\xff_local/";
export const LAST_SEQUENCE: string = "\xffmeta-store\xff_local_last_update_seq";

const DAMAGED_DOCUMENT = "{}";
// PouchDB keeps a document's metadata apart; without it nothing says where the document is. A deleted one is passed over.
const DAMAGED_METADATA = JSON.stringify({
  id: "",
  rev_tree: [],
  rev_map: {},
  winningRev: "1-0",
  deleted: true,
});

/** One for all: an error object with its stack costs more than the look that it saves. */
const NOT_FOUND = new Error("NotFound: a new document");

// Loaded by `require` because the package is CommonJS without types.
const require = createRequire(import.meta.url);
const leveldown = require("leveldown") as (location: string) => LevelDown;

/** A factory in the place of `leveldown`. */
export function createGuardedLeveldown({ onCreate, isAbsent }: GuardHooks): (location: string) => LevelDown {
  return function guardedLeveldown(location: string): LevelDown {
    const database = leveldown(location);
    const get = database._get.bind(database);
    const iterate = database._iterator.bind(database);
    onCreate({ _get: get, _iterator: iterate });
    database._get = (key, options, callback) => {
      const text = String(key);
      if (text.startsWith(METADATA) && isAbsent(text.slice(METADATA.length))) {
        process.nextTick(callback, NOT_FOUND);
        return;
      }
      get(key, options, (error, value) => {
        const isWhole = !error && isJson(value);
        // Documents are numbered; what PouchDB knows of the database itself was here once, and is looked for.
        if (text.startsWith(`${DOCUMENTS}0`) && !isWhole) callback(null, DAMAGED_DOCUMENT);
        else if (text.startsWith(METADATA) && !error && !isWhole) callback(NOT_FOUND);
        else callback(error, value);
      });
    };
    database._iterator = (options) => guardIterator(iterate(options));
    return database;
  };
}

function guardIterator(iterator: LevelIterator): LevelIterator {
  const next = iterator._next.bind(iterator);
  iterator._next = (callback) => {
    next((error, key, value) => {
      if (error || key === undefined || isJson(value)) return callback(error, key, value);
      callback(null, key, String(key).startsWith(METADATA) ? DAMAGED_METADATA : DAMAGED_DOCUMENT);
    });
    return iterator;
  };
  return iterator;
}

function isJson(value: string | Buffer | undefined): boolean {
  if (value === undefined) return false;
  try {
    JSON.parse(String(value));
    return true;
  } catch {
    // That it does not parse is the answer.
    return false;
  }
}
