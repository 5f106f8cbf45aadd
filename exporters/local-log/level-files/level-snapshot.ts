/**
 * Reads a LevelDB directory without LevelDB, whose every open takes a lock, replays its log and writes files. Here
 * nothing is written, locked or waited for: the files of one moment are opened and held, so that they can be read on
 * while another process writes, compacts or destroys the directory.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readErrorCode } from "../../coded-error.ts";
import type { OrderedValues } from "../ordered-values.ts";
import { LevelDamage } from "./byte-reader.ts";
import { type Entry, NewestEntries, readBatch } from "./entries.ts";
import { readLogRecords } from "./log-records.ts";
import { Table } from "./table.ts";
import { readVersion, type TableFile, type Version } from "./version.ts";

/** A writer changes the set of files some times a second at most, and opening all of them takes some milliseconds. */
const MAX_ATTEMPTS = 50;

interface OpenTable {
  readonly table: Table;
  readonly bounds: TableFile;
}

export class LevelSnapshot implements OrderedValues {
  /** What is wrong with the directory as a whole; single damaged blocks are missed by those who read them. */
  readonly damage: readonly string[];
  readonly #tables: readonly OpenTable[];
  readonly #logged: readonly Entry[];

  /**
   * Throws the file system's error where the directory or a file in it must not be read, and `LEVEL_BUSY` where its
   * files never stood still. What is damaged is read as far as it can be.
   */
  static open(directory: string): LevelSnapshot {
    for (let attempt = 1; ; attempt += 1) {
      const before = readManifest(directory);
      const snapshot = LevelSnapshot.#openFiles(directory, before);
      const after = readManifest(directory);
      const isSteady = before === undefined ? after === undefined : after?.equals(before);
      // A writer that starts exchanges the manifest: for a moment there may seem to be none.
      if (isSteady && (before !== undefined || attempt > 2)) return snapshot;
      snapshot.close();
      if (attempt === MAX_ATTEMPTS) {
        throw Object.assign(new Error(`the files in ${directory} change all the time`), {
          code: "LEVEL_BUSY",
        });
      }
    }
  }

  static #openFiles(directory: string, manifest: Buffer | undefined): LevelSnapshot {
    const names = readdirSync(directory);
    const damage: string[] = [];
    const version = chooseVersion(manifest, names, damage);
    const logs = findNumbers(names, ".log").filter(
      (number) => number >= version.firstLog || number === version.previousLog,
    );
    const tables: OpenTable[] = [];
    try {
      for (const bounds of version.tables) {
        const file = openTable(directory, bounds.number);
        if (file === undefined) damage.push(`table ${bounds.number} is missing`);
        else tables.push({ table: new Table(file), bounds });
      }
      const logged = new NewestEntries();
      for (const number of logs) readLog(path.join(directory, fileName(number, "log")), logged, damage);
      return new LevelSnapshot(tables, [...logged.values()], damage);
    } catch (error) {
      for (const { table } of tables) table.close();
      throw error;
    }
  }

  private constructor(tables: readonly OpenTable[], logged: readonly Entry[], damage: readonly string[]) {
    this.#tables = tables;
    this.#logged = logged;
    this.damage = damage;
  }

  readRange(from: string, to: string): Promise<(readonly [string, string])[]> {
    const [first, last] = [Buffer.from(from), Buffer.from(to)];
    const found = new NewestEntries();
    for (const { table, bounds } of this.#tables) {
      const isOutside =
        Buffer.compare(bounds.largest, first) < 0 || Buffer.compare(bounds.smallest, last) > 0;
      if (!isOutside) addReadable(found, table.readRange(first, last));
    }
    for (const entry of this.#logged) {
      if (Buffer.compare(entry.key, first) >= 0 && Buffer.compare(entry.key, last) <= 0) found.add(entry);
    }
    return Promise.resolve(found.toSorted().map(({ key, value }) => [String(key), String(value)]));
  }

  async readValue(key: string): Promise<string | undefined> {
    return (await this.readRange(key, key))[0]?.[1];
  }

  close(): void {
    for (const { table } of this.#tables) table.close();
  }
}

const EMPTY = Buffer.alloc(0);
/** Keys are UTF-8, in which this byte does not occur. */
const AFTER_EVERY_KEY = Buffer.from([0xff]);

/** Absent where no file says which manifest counts: LevelDB was killed while it made the directory, or it is damaged. */
function readManifest(directory: string): Buffer | undefined {
  const current = readRegularFile(path.join(directory, "CURRENT"));
  const name = current?.toString("latin1").trimEnd() ?? "";
  return /^MANIFEST-\d+$/.test(name) ? readRegularFile(path.join(directory, name)) : undefined;
}

/** Without a manifest every table counts: documents are never changed, so one that was replaced holds the same. */
function chooseVersion(manifest: Buffer | undefined, names: readonly string[], damage: string[]): Version {
  try {
    if (manifest) return readVersion(manifest);
    if (names.some((name) => /\.(?:ldb|sst)$/.test(name))) damage.push("its manifest is missing");
  } catch (error) {
    if (!(error instanceof LevelDamage)) throw error;
    damage.push(error.message);
  }
  const tables = [...findNumbers(names, ".ldb"), ...findNumbers(names, ".sst")];
  return {
    tables: tables.map((number) => ({ number, smallest: EMPTY, largest: AFTER_EVERY_KEY })),
    firstLog: 0,
    previousLog: 0,
  };
}

function readLog(file: string, logged: NewestEntries, damage: string[]): void {
  // One that is gone is in tables by now, and then the manifest has changed.
  const { records, isDamaged } = readLogRecords(readRegularFile(file) ?? EMPTY);
  if (isDamaged) damage.push(`${path.basename(file)} is damaged`);
  for (const record of records) {
    try {
      for (const entry of readBatch(record)) logged.add(entry);
    } catch (error) {
      if (!(error instanceof LevelDamage)) throw error;
      damage.push(`${path.basename(file)}: ${error.message}`);
    }
  }
}

function addReadable(found: NewestEntries, entries: Iterable<Entry>): void {
  try {
    for (const entry of entries) found.add(entry);
  } catch (error) {
    // The whole table cannot be read; the reader of the documents misses their numbers.
    if (!(error instanceof LevelDamage)) throw error;
  }
}

function openTable(directory: string, number: number): number | undefined {
  return (
    openRegularFile(path.join(directory, fileName(number, "ldb"))) ??
    openRegularFile(path.join(directory, fileName(number, "sst")))
  );
}

function readRegularFile(file: string): Buffer | undefined {
  const opened = openRegularFile(file);
  if (opened === undefined) return undefined;
  try {
    return readFileSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Absent where there is none. A pipe in its place would be waited for, and a link leads elsewhere. */
function openRegularFile(file: string): number | undefined {
  try {
    const opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fstatSync(opened).isFile()) return opened;
    closeSync(opened);
    return undefined;
  } catch (error) {
    if (["ENOENT", "ELOOP", "ENXIO"].includes(readErrorCode(error))) return undefined;
    throw error;
  }
}

function findNumbers(names: readonly string[], suffix: string): number[] {
  return names
    .filter((name) => name.endsWith(suffix) && /^\d+\.\w+$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((one, other) => one - other);
}

function fileName(number: number, suffix: string): string {
  return `${String(number).padStart(6, "0")}.${suffix}`;
}
