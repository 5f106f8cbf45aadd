/** One segment of the log: a PouchDB database below its own directory, opened when needed. */
import { rename, rm } from "node:fs/promises";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readUid } from "../contract.ts";
import { Dictionary, DICTIONARY_RANGE } from "./dictionary.ts";
import { measureDirectoryBytes } from "./directory.ts";
import type { Interner } from "./intern.ts";
import { type Database, type Document, openDatabase } from "./pouch-database.ts";
import { encodeRecord, type RecordDocument } from "./record-document.ts";
import { createStorageError, explainStorageError } from "./storage-error.ts";
import { AFTER_EVERY_UID } from "./uid.ts";

/** What is known of each segment, kept apart from it. */
export interface SegmentNotes {
  countRecords(segment: string): number | undefined;
  noteRecords(segment: string, records: number): void;
  write(): Promise<void>;
}

export interface SegmentSettings {
  readonly interner: Interner;
  readonly counts: SegmentNotes;
}

export interface OpenSegment {
  readonly database: Database;
  readonly dictionary: Dictionary;
}

/** Consecutive records of a segment. */
export interface RecordPage {
  readonly documents: RecordDocument[];
  /** To decode them with. */
  readonly dictionary: Dictionary;
  /** Records between them that could not be read. */
  readonly damaged: number;
  /** Where the next page begins. */
  readonly sequence: number;
  /** Nothing more was written by now. */
  readonly isEnd: boolean;
}

export class Segment {
  /** Uid of its first record; segments sort by it. */
  readonly id: string;
  directory: string;
  sizeBytes = 0;
  /** It is written no more. */
  isSealed = false;
  readonly #settings: SegmentSettings;
  #isAside = false;
  /** Every record up to here is known to be stored or not to be there; `undefined` where that is not known. */
  #newestUid: string | undefined;
  #opening: Promise<OpenSegment> | undefined;
  #closing: Promise<void> | undefined;
  #uses = 0;
  #onIdle: (() => void) | undefined;
  #isRetired = false;
  #isDestroyed = false;

  constructor(id: string, directory: string, settings: SegmentSettings) {
    this.id = id;
    this.directory = directory;
    this.#settings = settings;
  }

  /** Writes records with the resources and scopes that are new here. After a failure nothing of them is there. */
  async append(records: readonly ReadableLogRecord[]): Promise<void> {
    try {
      await this.#use(async ({ database, dictionary }) => {
        const documents: Document[] = [];
        for (const record of records) {
          const resource = dictionary.resourceId(record.resource, documents);
          const scope = dictionary.scopeId(record.instrumentationScope, documents);
          documents.push(encodeRecord(record, resource, scope));
        }
        const newest = database.lastSequence === 0 ? "" : this.#newestUid;
        await database.insert(documents, (id) => newest !== undefined && id > newest && isRecordId(id));
      });
      this.#newestUid = readUid(records.at(-1) as ReadableLogRecord);
    } catch (error) {
      // LevelDB must not write on behind a torn write, and the dictionary may know ids that were not stored.
      await this.close().catch(() => {});
      this.#newestUid = undefined;
      throw explainStorageError(error, this.directory);
    }
  }

  /** At most `limit` documents from a sequence number on, which `findSequence` or the page before gave. */
  async readPage(sequence: number, limit: number): Promise<RecordPage> {
    if (this.#isRetired) throw createStorageError("LOCAL_LOG_CLOSED", `Segment ${this.id} was destroyed.`);
    return this.#use(async ({ database, dictionary }) => {
      const through = Math.min(sequence + limit, database.lastSequence);
      const page = await database.readPage(sequence, through);
      const documents = page.documents.filter(({ _id }) => isRecordId(_id)) as RecordDocument[];
      const others = page.damaged.length === 0 ? [] : await database.readSequences(DICTIONARY_RANGE);
      const damaged = page.damaged.filter((number) => !others.includes(number)).length;
      return { documents, dictionary, damaged, sequence: through, isEnd: through >= database.lastSequence };
    });
  }

  /** The sequence number of the last record up to and including a uid. */
  findSequence(uid: string): Promise<number> {
    if (uid < this.id) return Promise.resolve(0);
    return this.#use(({ database }) => database.findSequence(uid, isRecordId));
  }

  readNewestUid(): Promise<string | undefined> {
    return this.#use(async ({ database }) => {
      this.#newestUid = await database.readLastId({ from: "0", to: AFTER_EVERY_UID });
      return this.#newestUid;
    });
  }

  countRecords(): Promise<number> {
    return this.countAfter("");
  }

  /** Records with a greater uid, up to and including `through`; those that cannot be read are among them. */
  async countAfter(uid: string, through: string = AFTER_EVERY_UID): Promise<number> {
    const noted = this.#settings.counts.countRecords(this.id);
    if (this.#isAside) return noted ?? 1;
    return this.#use(async ({ database }) => {
      const last = database.lastSequence;
      const from = uid < this.id ? 0 : await database.findSequence(uid, isRecordId);
      const to = through === AFTER_EVERY_UID ? last : await database.findSequence(through, isRecordId);
      const isToEnd = this.isSealed && to === last;
      // Damage may also take the number of the last document; but the count of a sealed segment was noted elsewhere.
      if (from === 0 && isToEnd && noted !== undefined) return noted;
      const others = await database.readSequences(DICTIONARY_RANGE);
      const isWithin = (sequence: number): boolean => sequence > from && sequence <= to;
      const missing = isToEnd ? Math.max(0, (noted ?? 0) - (last - others.length)) : 0;
      return to - from - others.filter(isWithin).length + missing;
    });
  }

  /** Whether it lacks records that it had when they were noted, or what every record refers to. */
  hasLosses(): Promise<boolean> {
    return this.#use(async ({ database }) => {
      const others = await database.readSequences(DICTIONARY_RANGE);
      const records = database.lastSequence - others.length;
      return (
        records < (this.#settings.counts.countRecords(this.id) ?? 0) || (records > 0 && others.length === 0)
      );
    });
  }

  /** Notes how many records it holds, to be known should it be damaged. */
  async noteRecords(): Promise<void> {
    const { counts } = this.#settings;
    counts.noteRecords(this.id, await this.countRecords());
    await counts.write();
  }

  /** LevelDB cannot open it, and what it held is lost. */
  get isAside(): boolean {
    return this.#isAside;
  }

  /** Its files go to `directory`, for a person to look at. */
  async putAside(directory: string): Promise<void> {
    this.#isAside = true;
    this.isSealed = true;
    await this.close().catch(() => {});
    if (directory !== this.directory) await rename(this.directory, directory).catch(() => {});
    this.directory = directory;
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
    this.#isDestroyed = true;
    await this.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  async #use<Result>(work: (open: OpenSegment) => Promise<Result>): Promise<Result> {
    // LevelDB would make it anew.
    if (this.#isDestroyed) throw createStorageError("LOCAL_LOG_CLOSED", `Segment ${this.id} was destroyed.`);
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
      const database = await openDatabase(this.directory);
      const documents = await database.readDocuments(DICTIONARY_RANGE);
      return { database, dictionary: new Dictionary(documents, this.#settings.interner) };
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
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

/** Ids of resources and scopes lie after every uid. */
export function isRecordId(id: string): boolean {
  return id < AFTER_EVERY_UID;
}
