/** The durable log: everything whose `append` resolved survives the death of the process. */
import path from "node:path";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import { type Expiry, type FollowedLog, type ReadOptions, readUid } from "../contract.ts";
import { AgeClock } from "./age-clock.ts";
import { type CursorClaim, Cursors } from "./cursors.ts";
import { prepareDirectory } from "./directory.ts";
import { countRetired, destroyExpired } from "./expire-segment.ts";
import { createInterner } from "./intern.ts";
import { type LocalLogOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { readRecords } from "./read-records.ts";
import type { Limit } from "./retention.ts";
import { Segments } from "./segments.ts";
import { createStorageError, explainStorageError } from "./storage-error.ts";
import { readUidTimeMs } from "./uid.ts";

interface LocalLogCounts {
  /** Stored records that could not be read back. */
  readonly unreadable: number;
  /** Segments put aside because LevelDB could not open or read them. */
  readonly quarantinedSegments: number;
  /** Records destroyed by retention, whether read or not. */
  readonly expired: number;
  /** Those of them that every follower of this process had read, by the limit that they were past. */
  readonly retired: Readonly<Record<Limit, number>>;
}

export interface LocalLog extends FollowedLog {
  /**
   * Resolves when every record is durable against the death of the process. Records must come in uid order, from
   * one caller at a time; appending again after a failure stores nothing twice. Rejects with a coded error, and
   * then nothing of this call is stored.
   */
  append(records: readonly ReadableLogRecord[]): Promise<void>;
  /** Before cursors are loaded. Returns a sentence for each cursor that is renamed or left. */
  claimCursors(claims: readonly CursorClaim[]): readonly string[];
  counts(): LocalLogCounts;
  sizeBytes(): number;
  close(): Promise<void>;
}

const RETENTION_EVERY_MS = 60_000;
/**
 * Records between two looks at the size of a segment, which costs some calls of `stat`: as many as fill it if they are
 * as large as records get, and no less than the least.
 */
const LARGE_RECORD_BYTES = 16 * 1024;
const LEAST_BETWEEN_LOOKS = 1000;

// Within one process PouchDB would share the database and LevelDB's lock would not show.
const openDirectories = new Set<string>();

/** Opens or creates the log. Rejects with a coded error whose message names the directory. */
export async function openLocalLog(options: LocalLogOptions): Promise<LocalLog> {
  const resolved = resolveOptions(options);
  const { directory } = resolved;
  if (openDirectories.has(directory)) {
    throw createStorageError(
      "LOCAL_LOG_LOCKED",
      `The local log in ${directory} is open in this process already.`,
    );
  }
  openDirectories.add(directory);
  try {
    await prepareDirectory(directory);
    // Held open all the time, so LevelDB's lock on it is the lock of the whole log.
    const cursors = await Cursors.open(path.join(directory, "cursors"));
    try {
      return await PouchLocalLog.open(resolved, cursors);
    } catch (error) {
      await cursors.close();
      throw error;
    }
  } catch (error) {
    openDirectories.delete(directory);
    throw explainStorageError(error, directory);
  }
}

export type { LocalLogOptions };

class PouchLocalLog implements LocalLog {
  readonly #segments: Segments;
  readonly #cursors: Cursors;
  readonly #options: ResolvedOptions;
  readonly #listeners = new Set<(expiry: Expiry) => void>();
  readonly #ages: AgeClock;
  readonly #counts = { unreadable: 0, quarantinedSegments: 0, expired: 0, retired: { age: 0, size: 0 } };
  readonly #timer: NodeJS.Timeout;
  #newestUid: string | undefined;
  #recordsSinceMeasure = 0;
  #retaining: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  static async open(options: ResolvedOptions, cursors: Cursors): Promise<PouchLocalLog> {
    const log = new PouchLocalLog(options, cursors);
    try {
      log.#newestUid = await log.#segments.load();
      if (log.#newestUid !== undefined) log.#ages.noteWall(readUidTimeMs(log.#newestUid));
    } catch (error) {
      clearInterval(log.#timer);
      await log.#segments.close().catch(() => {});
      throw error;
    }
    return log;
  }

  private constructor(options: ResolvedOptions, cursors: Cursors) {
    this.#options = options;
    this.#cursors = cursors;
    this.#ages = new AgeClock(cursors.notedAge, options.clocks);
    cursors.ages = this.#ages;
    this.#segments = new Segments({
      ...options,
      directory: path.join(options.directory, "segments"),
      interner: createInterner(),
      counts: cursors,
      ages: this.#ages,
      onQuarantine: (target, records, cause) => {
        this.#counts.quarantinedSegments += 1;
        const what = `A damaged segment of the local log with ${records} records or more`;
        options.onWarning?.(`${what} was put aside as ${target}.`, cause);
      },
    });
    this.#timer = setInterval(() => this.#retain(), RETENTION_EVERY_MS).unref();
  }

  async append(records: readonly ReadableLogRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    this.#checkOpen();
    const { current } = this.#segments;
    const segment = await this.#segments.selectForWriting(readUid(first) ?? "");
    // After a long rest this is the first sign of what has grown old.
    if (segment !== current) this.#retain();
    await segment.append(records).catch(async (error: unknown) => {
      // The caller's next try gets a new segment; what is in this one may still be read.
      if (readErrorCode(error) === "LOCAL_LOG_DAMAGED") await this.#segments.seal();
      throw error;
    });
    const newest = readUid(records.at(-1) ?? first);
    if (newest !== undefined && newest > (this.#newestUid ?? "")) this.#newestUid = newest;
    this.#recordsSinceMeasure += records.length;
    const between = Math.max(LEAST_BETWEEN_LOOKS, this.#options.segmentBytes / LARGE_RECORD_BYTES);
    if (this.#recordsSinceMeasure < between) return;
    this.#recordsSinceMeasure = 0;
    await segment.measure();
    // Not waited for: it only serves to count a loss, should there be one.
    void segment.noteRecords().catch(() => {});
    if (this.sizeBytes() > this.#options.maxTotalBytes) this.#retain();
  }

  read(options: ReadOptions): AsyncIterable<readonly ReadableLogRecord[]> {
    this.#checkOpen();
    const onUnreadable = (count: number): void => {
      this.#counts.unreadable += count;
      options.onUnreadable?.(count);
    };
    return readRecords({ segments: this.#segments, onUnreadable }, options);
  }

  newestUid(): string | undefined {
    return this.#newestUid;
  }

  loadCursor(name: string): string | undefined {
    return this.#cursors.load(name);
  }

  readonly claimCursors = (claims: readonly CursorClaim[]): string[] =>
    this.#cursors.claim(claims, this.#ages.now());

  async saveCursor(name: string, uid: string): Promise<void> {
    this.#checkOpen();
    await this.#cursors.save(name, uid).catch((error: unknown) => {
      throw explainStorageError(error, this.#options.directory);
    });
  }

  /** Between two runs of retention: what one of them destroys is either counted here or told to its listeners. */
  countAfter(uid: string, through: string = this.#newestUid ?? ""): Promise<number> {
    const counting = this.#retaining.then(() => this.#countAfter(uid, through));
    this.#retaining = Promise.allSettled([counting]).then(() => undefined);
    return counting;
  }

  async #countAfter(uid: string, through: string): Promise<number> {
    let count = 0;
    if (uid >= through) return count;
    const first = this.#segments.findAfterUid(uid);
    for (const segment of this.#segments.list()) {
      if (first === undefined || segment.id < first.id || segment.id > through) continue;
      const next = this.#segments.nextOf(segment);
      const isWhole = next !== undefined && next.id <= through;
      count += await this.#segments.countAfter(segment, uid, isWhole ? undefined : through);
    }
    return count;
  }

  onExpired(listener: (expiry: Expiry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  counts(): LocalLogCounts {
    return { ...this.#counts, retired: { ...this.#counts.retired } };
  }

  sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#retaining;
    await this.#segments.close();
    // The next process has to know how late it is; without it, only segments live longer than they should.
    await this.#cursors.write().catch(() => {});
    await this.#cursors.close();
    openDirectories.delete(this.#options.directory);
  }

  #checkOpen(): void {
    if (this.#closed !== undefined)
      throw createStorageError("LOCAL_LOG_CLOSED", `The local log in ${this.#options.directory} is closed.`);
  }

  #retain(): void {
    const earlier = this.#retaining;
    this.#retaining = this.#destroyExpired(earlier).catch((error: unknown) => {
      this.#options.onWarning?.("An old segment of the local log could not be destroyed.", error);
    });
  }

  async #destroyExpired(earlier: Promise<void>): Promise<void> {
    await earlier;
    if (this.#ages.isNoteStale) await this.#cursors.write().catch(() => {});
    await destroyExpired(this.#segments, this.#cursors, (expiry, limit) => {
      this.#counts.expired += expiry.records;
      this.#counts.retired[limit] += countRetired(expiry, this.#cursors.followers());
      for (const listener of this.#listeners) listener(expiry);
    });
  }
}
