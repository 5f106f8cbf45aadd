/**
 * Gives the records of the log one batch at a time, in order, none twice and none left out. While it keeps up,
 * batches come from memory, as the writer hands records over; once the memory is full it forgets what follows and
 * reads that from the disk, until it has seen everything it was told of.
 */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type FollowedLog, readUid } from "../contract.ts";

export interface FollowerOptions {
  readonly batchRecords: number;
  /** Records held in memory at most. */
  readonly memoryRecords: number;
  readonly onUnreadable: (count: number) => void;
}

export interface FollowedBatch {
  readonly records: readonly ReadableLogRecord[];
  readonly isFromDisk: boolean;
}

export class Follower {
  readonly #log: FollowedLog;
  readonly #options: FollowerOptions;
  /** Everything up to here was given out. */
  #position: string;
  /** Everything up to here is known to be stored. */
  #newest: string;
  /** Records right after `#position`, without a gap. */
  #memory: ReadableLogRecord[] = [];
  /** Records beyond `#memory` are on disk only. */
  #isLagging: boolean;
  #disk: AsyncIterator<readonly ReadableLogRecord[]> | undefined;

  constructor(log: FollowedLog, options: FollowerOptions, position: string) {
    this.#log = log;
    this.#options = options;
    this.#position = position;
    this.#newest = log.newestUid() ?? "";
    this.#isLagging = this.#newest > position;
  }

  get position(): string {
    return this.#position;
  }

  /** The newest record it was told of. */
  get newest(): string {
    return this.#newest;
  }

  /** Whether `take` would find a full batch, or must go to the disk anyway. */
  get hasFullBatch(): boolean {
    return (
      this.#memory.length >= this.#options.batchRecords || (this.#isLagging && this.#memory.length === 0)
    );
  }

  get isEmpty(): boolean {
    return this.#memory.length === 0 && !this.#isLagging;
  }

  /** Hears of records that are durable now, oldest first. Returns how many were news. */
  notify(records: readonly ReadableLogRecord[]): number {
    const known = this.#newest;
    let news = 0;
    for (const record of records) {
      const uid = readUid(record) ?? "";
      if (uid <= known) continue;
      news += 1;
      this.#newest = uid;
      // The disk may have been read past this record before its turn to be announced came.
      if (this.#isLagging || uid <= this.#position) continue;
      if (this.#memory.length < this.#options.memoryRecords) this.#memory.push(record);
      else this.#isLagging = true;
    }
    return news;
  }

  /** Held records with `from` <= uid < `before`: they will still be given out, though the log has lost them. */
  countHeld(from: string, before: string): number {
    return countBetween(this.#memory, from, before);
  }

  /** The next batch; empty when there is none. Rejects when the log cannot be read, and may be called again. */
  async take(): Promise<FollowedBatch> {
    const isFromDisk = this.#memory.length === 0;
    if (isFromDisk && !this.#isLagging) return { records: [], isFromDisk };
    const records = isFromDisk
      ? await this.#takeFromDisk()
      : this.#advance(this.#memory.splice(0, this.#options.batchRecords));
    return { records, isFromDisk };
  }

  async close(): Promise<void> {
    const disk = this.#disk;
    this.#disk = undefined;
    await disk?.return?.();
  }

  async #takeFromDisk(): Promise<readonly ReadableLogRecord[]> {
    this.#disk ??= this.#startReading();
    const announced = this.#newest;
    try {
      const { value, done } = await this.#disk.next();
      if (!done) return this.#advance(value);
    } catch (error) {
      this.#disk = undefined;
      throw error;
    }
    this.#disk = undefined;
    // All that was announced before this look at the disk has been given out or cannot be read. What was announced
    // meanwhile may have been missed, and takes another look.
    if (this.#newest === announced) {
      this.#isLagging = false;
      // What cannot be read is not looked for again.
      if (announced > this.#position) this.#position = announced;
    }
    return [];
  }

  #startReading(): AsyncIterator<readonly ReadableLogRecord[]> {
    const { batchRecords, onUnreadable } = this.#options;
    const options = { after: this.#position, batchSize: batchRecords, onUnreadable };
    return this.#log.read(options)[Symbol.asyncIterator]();
  }

  #advance(records: readonly ReadableLogRecord[]): readonly ReadableLogRecord[] {
    const last = records.at(-1);
    if (last) this.#position = readUid(last) ?? this.#position;
    // Everything announced has been given out; what comes next is announced to the memory.
    if (this.#memory.length === 0 && this.#position >= this.#newest) {
      this.#isLagging = false;
      void this.close();
    }
    return records;
  }
}

export function countBetween(records: readonly ReadableLogRecord[], from: string, before: string): number {
  return records.filter((record) => {
    const uid = readUid(record) ?? "";
    return uid >= from && uid < before;
  }).length;
}
