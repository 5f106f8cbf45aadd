/** One segment of the log: a PouchDB database below its own directory, opened when needed. */
import { rm } from "node:fs/promises";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { Dictionary, DICTIONARY_RANGE } from "./dictionary.ts";
import { measureDirectoryBytes } from "./directory.ts";
import type { Interner } from "./intern.ts";
import { type Database, type Document, openDatabase } from "./pouch-database.ts";
import { encodeRecord, type RecordDocument } from "./record-document.ts";
import { createStorageError, explainStorageError } from "./storage-error.ts";
import { AFTER_EVERY_UID } from "./uid.ts";

export interface OpenSegment {
  readonly database: Database;
  readonly dictionary: Dictionary;
}

export interface SegmentSettings {
  readonly interner: Interner;
  /** A stored value could not be read and was passed over. */
  readonly onDamage: () => void;
}

export class Segment {
  /** Uid of its first record; segments sort by it. */
  readonly id: string;
  readonly directory: string;
  sizeBytes = 0;
  readonly #settings: SegmentSettings;
  #opening: Promise<OpenSegment> | undefined;
  #closing: Promise<void> | undefined;
  #uses = 0;
  #onIdle: (() => void) | undefined;
  #records: number | undefined;
  #isRetired = false;

  constructor(id: string, directory: string, settings: SegmentSettings) {
    this.id = id;
    this.directory = directory;
    this.#settings = settings;
  }

  /** Writes records with the resources and scopes that are new here. After a failure nothing of them is there. */
  async append(records: readonly ReadableLogRecord[]): Promise<void> {
    try {
      await this.#use(async ({ database, dictionary }) => {
        const before = await this.#count(database, dictionary);
        const documents: Document[] = [];
        for (const record of records) {
          const resource = dictionary.resourceId(record.resource, documents);
          const scope = dictionary.scopeId(record.instrumentationScope, documents);
          documents.push(encodeRecord(record, resource, scope));
        }
        const conflicts = await database.insert(documents);
        this.#records = before + records.length - conflicts;
      });
    } catch (error) {
      // LevelDB must not write on behind a torn write, and the dictionary may know ids that were not stored.
      await this.close().catch(() => {});
      this.#records = undefined;
      throw explainStorageError(error, this.directory);
    }
  }

  /** Record documents with a greater uid, in order; and the dictionary to decode them with. */
  async readAfter(
    uid: string,
    limit: number,
  ): Promise<{ documents: RecordDocument[]; dictionary: Dictionary }> {
    if (this.#isRetired) throw createStorageError("LOCAL_LOG_CLOSED", `Segment ${this.id} was destroyed.`);
    return this.#use(async ({ database, dictionary }) => {
      const documents = await database.readDocuments({ from: `${uid}\0`, to: AFTER_EVERY_UID, limit });
      return { documents: documents as RecordDocument[], dictionary };
    });
  }

  readNewestUid(): Promise<string | undefined> {
    return this.#use(({ database }) => database.readLastId({ from: "0", to: AFTER_EVERY_UID }));
  }

  countRecords(): Promise<number> {
    return this.#use(({ database, dictionary }) => this.#count(database, dictionary));
  }

  countAfter(uid: string, through: string = AFTER_EVERY_UID): Promise<number> {
    const range = { from: `${uid}\0`, to: through };
    return this.#use(async ({ database }) => (await database.readIds(range)).length);
  }

  async measure(): Promise<number> {
    this.sizeBytes = await measureDirectoryBytes(this.directory);
    return this.sizeBytes;
  }

  /** No reader gets in any more; resolves when those inside have left. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await this.#waitUntilIdle();
  }

  /** Closes the database; the next use opens it again. */
  async close(): Promise<void> {
    await this.#closing;
    if (this.#opening === undefined) return;
    this.#closing = this.#closeWhenIdle(this.#opening).finally(() => (this.#closing = undefined));
    await this.#closing;
  }

  async destroy(): Promise<void> {
    await this.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  async #use<Result>(work: (open: OpenSegment) => Promise<Result>): Promise<Result> {
    while (this.#closing) await this.#closing.catch(() => {});
    this.#uses += 1;
    try {
      this.#opening ??= this.#open();
      return await work(await this.#opening);
    } catch (error) {
      throw explainStorageError(error, this.directory);
    } finally {
      this.#uses -= 1;
      if (this.#uses === 0) this.#onIdle?.();
    }
  }

  async #open(): Promise<OpenSegment> {
    try {
      const database = await openDatabase(this.directory, this.#settings.onDamage);
      const documents = await database.readDocuments(DICTIONARY_RANGE);
      return { database, dictionary: new Dictionary(documents, this.#settings.interner) };
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #count(database: Database, dictionary: Dictionary): Promise<number> {
    this.#records ??= (await database.countDocuments()) - dictionary.size;
    return this.#records;
  }

  async #closeWhenIdle(opening: Promise<OpenSegment>): Promise<void> {
    await this.#waitUntilIdle();
    this.#opening = undefined;
    const open = await opening.catch(() => undefined);
    await open?.database.close();
  }

  async #waitUntilIdle(): Promise<void> {
    while (this.#uses > 0) {
      await new Promise<void>((resolve) => {
        const earlier = this.#onIdle;
        this.#onIdle = () => {
          earlier?.();
          resolve();
        };
      });
      this.#onIdle = undefined;
    }
  }
}
