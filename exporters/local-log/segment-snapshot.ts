/** One segment as its files are at one moment, for a reader that writes nothing and that nobody waits for. */
import path from "node:path";
import { readErrorCode } from "../coded-error.ts";
import { Dictionary, DICTIONARY_RANGE } from "./dictionary.ts";
import type { Interner } from "./intern.ts";
import { LevelSnapshot } from "./level-files/level-snapshot.ts";
import type { Document } from "./pouch-database.ts";
import type { ReadableSegment } from "./read-records.ts";
import type { RecordDocument } from "./record-document.ts";
import { isRecordId, type RecordPage } from "./segment.ts";
import { findSequence, readLastSequence, readPage, readSequences } from "./sequence-reader.ts";
import { createStorageError } from "./storage-error.ts";

interface OpenSnapshot {
  readonly level: LevelSnapshot;
  readonly dictionary: Dictionary;
  readonly lastSequence: number;
  /** Sequence numbers of resources and scopes. */
  readonly others: readonly number[];
}

export interface SnapshotSettings {
  readonly interner: Interner;
  /** How many records a segment held when that was noted last. */
  readonly countNoted: (segment: string) => number | undefined;
  readonly onDamage: (directory: string, damage: readonly string[]) => void;
}

export class SegmentSnapshot implements ReadableSegment {
  readonly id: string;
  /** What is written from now on is not part of it. */
  readonly isSealed = true;
  /** What can be read of a damaged one is read. */
  readonly isAside = false;
  readonly #directory: string;
  readonly #settings: SnapshotSettings;
  #opening: Promise<OpenSnapshot> | undefined;

  constructor(id: string, directory: string, settings: SnapshotSettings) {
    this.id = id;
    this.#directory = directory;
    this.#settings = settings;
  }

  async findSequence(uid: string): Promise<number> {
    if (uid < this.id) return 0;
    const { level, lastSequence } = await this.#open();
    return findSequence(level, uid, { last: lastSequence, isOrdered: isRecordId });
  }

  async readPage(sequence: number, limit: number): Promise<RecordPage> {
    const { level, dictionary, lastSequence, others } = await this.#open();
    const through = Math.min(sequence + limit, lastSequence);
    const page = await readPage(level, sequence, through);
    const documents = page.documents.filter(({ _id }) => isRecordId(_id)) as RecordDocument[];
    const damaged = page.damaged.filter((number) => !others.includes(number)).length;
    return { documents, dictionary, damaged, sequence: through, isEnd: through >= lastSequence };
  }

  /** Records with a greater uid; those that are known to have been there and cannot be read are among them. */
  async countAfter(uid: string): Promise<number> {
    const { lastSequence, others } = await this.#open();
    const from = await this.findSequence(uid);
    const missing = Math.max(0, (this.#settings.countNoted(this.id) ?? 0) - (lastSequence - others.length));
    return lastSequence - from - others.filter((sequence) => sequence > from).length + missing;
  }

  async close(): Promise<void> {
    const open = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    open?.level.close();
  }

  #open(): Promise<OpenSnapshot> {
    this.#opening ??= this.#read();
    return this.#opening;
  }

  async #read(): Promise<OpenSnapshot> {
    const level = this.#openFiles();
    if (level.damage.length > 0) this.#settings.onDamage(this.#directory, level.damage);
    const others = await readSequences(level, DICTIONARY_RANGE.from, DICTIONARY_RANGE.to);
    const documents: Document[] = [];
    for (const sequence of others) {
      documents.push(...(await readPage(level, sequence - 1, sequence)).documents);
    }
    const dictionary = new Dictionary(documents, this.#settings.interner);
    return { level, dictionary, lastSequence: await readLastSequence(level), others };
  }

  #openFiles(): LevelSnapshot {
    try {
      return LevelSnapshot.open(this.#directory);
    } catch (error) {
      if (readErrorCode(error) !== "ENOENT") throw error;
      // As a segment says it that was destroyed while it was read.
      const message = `Segment ${path.basename(this.#directory)} was destroyed.`;
      throw createStorageError("LOCAL_LOG_CLOSED", message, error);
    }
  }
}
