/** The row of segments: found at start, extended by rotation, shortened by retention, quarantined when damaged. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type CodedError, readErrorCode } from "../coded-error.ts";
import type { AgeClock } from "./age-clock.ts";
import { listDirectories } from "./directory.ts";
import { findPassedLimits, type Limit, type RetentionLimits } from "./retention.ts";
import { Segment, type SegmentNotes, type SegmentSettings } from "./segment.ts";
import { isUid } from "./uid.ts";

export interface SegmentsOptions extends SegmentSettings, RetentionLimits {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  readonly ages: Pick<AgeClock, "now">;
  readonly counts: SegmentNotes & SegmentBeginnings;
  /** LevelDB could not open a segment; `records` is what it held as far as is known. */
  readonly onQuarantine: (directory: string, records: number, cause: unknown) => void;
}

/** When each segment was begun, by the log's own clock. */
export interface SegmentBeginnings {
  begunMs(segment: string): number | undefined;
  noteBegun(segment: string, ageMs: number): void;
  forgetSegment(segment: string): void;
}

/** Sealed segments that stay open behind a reader; each holds some megabytes of LevelDB's caches. */
const MAX_OPEN_SEALED = 3;
const QUARANTINE_SUFFIX = ".damaged";

export class Segments {
  readonly #options: SegmentsOptions;
  #segments: Segment[] = [];
  #recentlyRead: Segment[] = [];

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /** Finds the segments there are; resolves with the newest uid. */
  async load(): Promise<string | undefined> {
    const { directory } = this.#options;
    await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
      if (readErrorCode(error) !== "EEXIST") throw error;
    });
    this.#segments = listSegmentIds(await listDirectories(directory)).map(
      ({ id, name }) => new Segment(id, path.join(directory, name), this.#options),
    );
    for (const segment of this.#segments) {
      // Of a log without notes nothing says how old it is; its age begins now.
      this.#noteBegun(segment, this.#options.counts.begunMs(segment.id));
      segment.isSealed = segment !== this.current;
      if (segment.directory.endsWith(QUARANTINE_SUFFIX)) await segment.putAside(segment.directory);
    }
    await Promise.all(this.#segments.map((segment) => segment.measure()));
    return this.#findNewestUid();
  }

  get current(): Segment | undefined {
    return this.#segments.at(-1);
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  list(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment that holds the first record after a uid. */
  findAfterUid(uid: string): Segment | undefined {
    return this.#segments.findLast((segment) => segment.id <= uid) ?? this.#segments[0];
  }

  nextOf(segment: Segment): Segment | undefined {
    return this.#segments.find((other) => other.id > segment.id);
  }

  /** The segment to write to; a new one, named by its first uid, where the current one is full or old. */
  async selectForWriting(firstUid: string): Promise<Segment> {
    const current = this.current;
    if (current && !current.isSealed && !this.#isFull(current)) return current;
    await this.seal();
    const segment = this.#create(firstUid);
    this.#segments.push(segment);
    await current?.close();
    return segment;
  }

  /** As the segment's own; one that cannot be opened is put aside, and counted as what is known of it. */
  async countAfter(segment: Segment, uid: string, through?: string): Promise<number> {
    try {
      const count = await segment.countAfter(uid, through);
      await this.noteRead(segment);
      return count;
    } catch (error) {
      const { code } = error as CodedError;
      // Destroyed by retention, which has counted it.
      if (code === "LOCAL_LOG_CLOSED") return 0;
      if (code !== "LOCAL_LOG_DAMAGED") throw error;
      await this.quarantine(segment, error);
      return segment.countRecords();
    }
  }

  /** Keeps a sealed segment open for the next batch and closes the one read longest ago. */
  async noteRead(segment: Segment): Promise<void> {
    if (segment === this.current) return;
    this.#recentlyRead = [...this.#recentlyRead.filter((other) => other !== segment), segment];
    if (this.#recentlyRead.length <= MAX_OPEN_SEALED) return;
    const [oldest] = this.#recentlyRead.splice(0, 1);
    if (oldest !== this.current) await oldest?.close();
  }

  /** Segments past a limit, taken out of the row; the caller counts and destroys them. */
  async takeExpired(): Promise<{ readonly segment: Segment; readonly limit: Limit }[]> {
    // The one being written is measured as it grows.
    await Promise.all(this.#segments.slice(0, -1).map((segment) => segment.measure()));
    const aged = this.#segments.map((segment) => ({
      begunMs: this.#begunMs(segment),
      sizeBytes: segment.sizeBytes,
    }));
    const limits = findPassedLimits(aged, this.#options, this.#options.ages.now());
    return limits.flatMap((limit) => {
      const segment = this.#segments.shift();
      return segment ? [{ segment, limit }] : [];
    });
  }

  /** Nothing more is written to the current segment; what it holds can be read on. */
  async seal(): Promise<void> {
    const { current } = this;
    if (current === undefined || current.isSealed) return;
    // Without the note only a loss that has not happened would be counted wrong.
    await current.noteRecords().catch(() => {});
    current.isSealed = true;
  }

  /**
   * Puts a segment that LevelDB cannot open aside under another name, so that a person can look at it. It keeps its
   * place in the row, where each follower counts what it held, until retention ends.
   */
  async quarantine(segment: Segment, cause: unknown): Promise<void> {
    if (segment.isAside) return;
    const target = segment.directory + QUARANTINE_SUFFIX;
    await segment.putAside(target);
    this.#options.onQuarantine(target, await segment.countRecords(), cause);
  }

  async close(): Promise<void> {
    if (this.current?.isOpen && !this.current.isSealed) await this.current.noteRecords().catch(() => {});
    const results = await Promise.allSettled(this.#segments.map((segment) => segment.close()));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  #create(id: string): Segment {
    const segment = new Segment(id, path.join(this.#options.directory, id), this.#options);
    this.#noteBegun(segment);
    // Not waited for: where it is lost, the segment counts as younger than it is.
    void this.#options.counts.write().catch(() => {});
    return segment;
  }

  #noteBegun(segment: Segment, ageMs: number = this.#options.ages.now()): void {
    this.#options.counts.noteBegun(segment.id, ageMs);
  }

  #begunMs(segment: Segment): number {
    return this.#options.counts.begunMs(segment.id) ?? this.#options.ages.now();
  }

  #isFull(segment: Segment): boolean {
    const { ages, segmentAgeMs, segmentBytes } = this.#options;
    return segment.sizeBytes >= segmentBytes || ages.now() - this.#begunMs(segment) > segmentAgeMs;
  }

  async #findNewestUid(): Promise<string | undefined> {
    for (;;) {
      const segment = this.current;
      if (segment === undefined) return undefined;
      // Nobody can say any more what a damaged one held; its name is the least it can be.
      if (segment.isAside) return segment.id;
      try {
        const newest = await segment.readNewestUid();
        // What is left can be read, but LevelDB shall not write on behind what is missing.
        segment.isSealed = await segment.hasLosses();
        if (newest !== undefined || segment.isSealed) return newest ?? segment.id;
        // A segment without records is what a process left that died while it made one.
        this.#segments.pop();
        if (this.current) this.current.isSealed = this.current.isAside;
        this.#options.counts.forgetSegment(segment.id);
        await segment.destroy();
      } catch (error) {
        if ((error as CodedError).code !== "LOCAL_LOG_DAMAGED") throw error;
        await this.quarantine(segment, error);
      }
    }
  }
}

/** Names of directories that are segments, quarantined ones included, oldest first. */
export function listSegmentIds(
  names: readonly string[],
): readonly { readonly id: string; readonly name: string }[] {
  return names
    .map((name) => ({ id: readId(name), name }))
    .filter(({ id }) => isUid(id))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function readId(name: string): string {
  return name.endsWith(QUARANTINE_SUFFIX) ? name.slice(0, -QUARANTINE_SUFFIX.length) : name;
}
