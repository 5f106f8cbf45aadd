/**
 * LevelDB for PouchDB, such that a damaged value is a value and not a crash. PouchDB parses what LevelDB gives it
 * inside native callbacks: one flipped byte would throw where nobody can catch. Here every value is tried first,
 * and a bad one is replaced by a document that says so (`DAMAGED_FIELD`), which readers skip and count.
 */
import { createRequire } from "node:module";

type Callback = (error?: Error | null, key?: string | Buffer, value?: string | Buffer) => void;

interface LevelIterator {
  _next(callback: Callback): unknown;
}

interface LevelDown {
  _get(key: string | Buffer, options: object, callback: Callback): void;
  _iterator(options: object): LevelIterator;
}

/** Set on a document in place of what could not be read. */
export const DAMAGED_FIELD = "damaged";

const DAMAGED_DOCUMENT = JSON.stringify({ [DAMAGED_FIELD]: true });
// PouchDB keeps a document's metadata apart; without it nothing says where the document is. A deleted one is passed over.
const DAMAGED_METADATA = JSON.stringify({
  id: "",
  rev_tree: [],
  rev_map: {},
  winningRev: "1-0",
  deleted: true,
});
const DOCUMENT_KEY = "by-sequence";
const METADATA_KEY = "document-store";

// Loaded by `require` because the package is CommonJS without types.
const require = createRequire(import.meta.url);
const leveldown = require("leveldown") as (location: string) => LevelDown;

/** A factory in the place of `leveldown`; `onDamage` is called for each value that had to be replaced. */
export function createGuardedLeveldown(onDamage: () => void): (location: string) => LevelDown {
  return function guardedLeveldown(location: string): LevelDown {
    const database = leveldown(location);
    const get = database._get.bind(database);
    database._get = (key, options, callback) => {
      get(key, options, (error, value) => {
        if (!isDocumentKey(key)) return callback(error, value);
        if (!error && isJson(value)) return callback(error, value);
        onDamage();
        callback(null, DAMAGED_DOCUMENT);
      });
    };
    const iterate = database._iterator.bind(database);
    database._iterator = (options) => guardIterator(iterate(options), onDamage);
    return database;
  };
}

function guardIterator(iterator: LevelIterator, onDamage: () => void): LevelIterator {
  const next = iterator._next.bind(iterator);
  iterator._next = (callback) => {
    next((error, key, value) => {
      if (error || key === undefined || isJson(value)) return callback(error, key, value);
      onDamage();
      callback(null, key, String(key).includes(METADATA_KEY) ? DAMAGED_METADATA : DAMAGED_DOCUMENT);
    });
    return iterator;
  };
  return iterator;
}

function isDocumentKey(key: string | Buffer): boolean {
  return key.includes(DOCUMENT_KEY) && !key.includes("_local_");
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
