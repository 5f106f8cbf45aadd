/** The row of segments: found at start, extended by rotation, shortened by retention, quarantined when damaged. */
import { rename } from "node:fs/promises";
import path from "node:path";
import type { CodedError } from "../coded-error.ts";
import { listDirectories, prepareDirectory } from "./directory.ts";
import { countExpiredSegments, type RetentionLimits } from "./retention.ts";
import { Segment, type SegmentSettings } from "./segment.ts";
import { isUid, readUidTimeMs } from "./uid.ts";

export interface SegmentsOptions extends SegmentSettings, RetentionLimits {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  readonly now: () => number;
  readonly onQuarantine: (directory: string, cause: unknown) => void;
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
    await prepareDirectory(this.#options.directory);
    const ids = (await listDirectories(this.#options.directory)).filter(isUid).sort();
    this.#segments = ids.map((id) => this.#create(id));
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
    if (current && !this.#isFull(current)) return current;
    const segment = this.#create(firstUid);
    this.#segments.push(segment);
    await current?.close();
    return segment;
  }

  /** Keeps a sealed segment open for the next batch and closes the one read longest ago. */
  async noteRead(segment: Segment): Promise<void> {
    if (segment === this.current) return;
    this.#recentlyRead = [...this.#recentlyRead.filter((other) => other !== segment), segment];
    if (this.#recentlyRead.length <= MAX_OPEN_SEALED) return;
    const [oldest] = this.#recentlyRead.splice(0, 1);
    if (oldest !== this.current) await oldest?.close();
  }

  /** Segments past the limits, taken out of the row; the caller counts and destroys them. */
  async takeExpired(): Promise<Segment[]> {
    await Promise.all(this.#segments.map((segment) => segment.measure()));
    const { now } = this.#options;
    return this.#segments.splice(0, countExpiredSegments(this.#segments, this.#options, now()));
  }

  /** Puts a damaged segment aside under another name, so that a person can look at it. */
  async quarantine(segment: Segment, cause: unknown): Promise<void> {
    this.#segments = this.#segments.filter((other) => other !== segment);
    await segment.close().catch(() => {});
    const target = segment.directory + QUARANTINE_SUFFIX;
    await rename(segment.directory, target).catch(() => {});
    this.#options.onQuarantine(target, cause);
  }

  async close(): Promise<void> {
    const results = await Promise.allSettled(this.#segments.map((segment) => segment.close()));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  #create(id: string): Segment {
    return new Segment(id, path.join(this.#options.directory, id), this.#options);
  }

  #isFull(segment: Segment): boolean {
    const { now, segmentAgeMs, segmentBytes } = this.#options;
    return segment.sizeBytes >= segmentBytes || now() - readUidTimeMs(segment.id) > segmentAgeMs;
  }

  // A segment without records is what a process left that died while it made one.
  async #findNewestUid(): Promise<string | undefined> {
    for (;;) {
      const segment = this.current;
      if (segment === undefined) return undefined;
      try {
        const newest = await segment.readNewestUid();
        if (newest !== undefined) return newest;
        this.#segments.pop();
        await segment.destroy();
      } catch (error) {
        if ((error as CodedError).code !== "LOCAL_LOG_DAMAGED") throw error;
        await this.quarantine(segment, error);
        // Nobody can say any more what it held; its name is the least it can be.
        if (this.#segments.length === 0) return segment.id;
      }
    }
  }
}
