/** Which files of a LevelDB directory count, as its manifest says (LevelDB, doc/impl.md and db/version_edit.cc). */
import { ByteReader, LevelDamage } from "./byte-reader.ts";
import { readLogRecords } from "./log-records.ts";

export interface TableFile {
  readonly number: number;
  /** Of the first and the last key, without what LevelDB puts behind a key. */
  readonly smallest: Buffer;
  readonly largest: Buffer;
}

export interface Version {
  readonly tables: readonly TableFile[];
  /** Logs from this number on are not in tables yet. */
  readonly firstLog: number;
  /** An older log that counts as well; 0 where there is none. */
  readonly previousLog: number;
}

/** Sequence number and type, behind each key. */
const KEY_TRAILER_BYTES = 8;

const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE_NUMBER = 3;
const LAST_SEQUENCE = 4;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG_NUMBER = 9;

/** Throws `LevelDamage` where the manifest does not say it. */
export function readVersion(manifest: Buffer): Version {
  const { records, isDamaged } = readLogRecords(manifest);
  if (isDamaged || records.length === 0) throw new LevelDamage("the manifest is damaged");
  const tables = new Map<number, TableFile>();
  const logs = { first: 0, previous: 0 };
  for (const record of records) applyEdit(new ByteReader(record), tables, logs);
  return { tables: [...tables.values()], firstLog: logs.first, previousLog: logs.previous };
}

function applyEdit(
  edit: ByteReader,
  tables: Map<number, TableFile>,
  logs: { first: number; previous: number },
): void {
  // What an edit deletes was there before it; what it adds stays.
  const added: TableFile[] = [];
  while (!edit.isAtEnd) {
    const tag = edit.readVarint();
    if (tag === COMPARATOR) edit.readString();
    else if (tag === LOG_NUMBER) logs.first = edit.readVarint();
    else if (tag === PREVIOUS_LOG_NUMBER) logs.previous = edit.readVarint();
    else if (tag === NEXT_FILE_NUMBER || tag === LAST_SEQUENCE) edit.readVarint();
    else if (tag === COMPACT_POINTER) {
      edit.readVarint();
      edit.readString();
    } else if (tag === DELETED_FILE) {
      edit.readVarint();
      tables.delete(edit.readVarint());
    } else if (tag === NEW_FILE) added.push(readNewFile(edit));
    else throw new LevelDamage(`the manifest has an entry of the unknown kind ${tag}`);
  }
  for (const table of added) tables.set(table.number, table);
}

function readNewFile(edit: ByteReader): TableFile {
  edit.readVarint();
  const number = edit.readVarint();
  edit.readVarint();
  return { number, smallest: withoutTrailer(edit.readString()), largest: withoutTrailer(edit.readString()) };
}

export function withoutTrailer(key: Buffer): Buffer {
  if (key.length < KEY_TRAILER_BYTES) throw new LevelDamage("a key is too short");
  return key.subarray(0, key.length - KEY_TRAILER_BYTES);
}
