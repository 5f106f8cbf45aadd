/**
 * The local log for a reader beside the program that writes it: takes no lock, writes nothing, applies no limits, and
 * nothing waits for it. It reads the segments that are there when it begins, each as it is when its turn comes.
 */
import path from "node:path";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import type { FollowedLog, ReadOptions } from "../contract.ts";
import { CURSORS_DOCUMENT_ID, type CursorsContent } from "./cursors.ts";
import { listDirectories } from "./directory.ts";
import { LOCAL_DOCUMENTS } from "./guarded-leveldown.ts";
import { createInterner } from "./intern.ts";
import { LevelSnapshot } from "./level-files/level-snapshot.ts";
import { type ReadableSegments, readRecords } from "./read-records.ts";
import { SegmentSnapshot, type SnapshotSettings } from "./segment-snapshot.ts";
import { listSegmentIds } from "./segments.ts";
import { explainStorageError } from "./storage-error.ts";

export interface LogReaderOptions {
  readonly directory: string;
  /** Something is damaged; what can be read of it is given nevertheless. */
  readonly onWarning?: (message: string) => void;
}

export interface LogReader extends Pick<FollowedLog, "read"> {
  /** Stored records that could not be read so far. */
  readonly unreadable: number;
}

/** Rejects with a coded error where there is no log or it must not be read. */
export async function openLogReader({ directory, onWarning }: LogReaderOptions): Promise<LogReader> {
  const settings: SnapshotSettings = {
    interner: createInterner(),
    countNoted: await readNotedCounts(directory),
    onDamage: (segment, damage) => {
      onWarning?.(`The segment ${segment} of the local log is damaged: ${damage.join(", ")}.`);
    },
  };
  let unreadable = 0;
  return {
    get unreadable() {
      return unreadable;
    },
    async *read(options: ReadOptions): AsyncGenerator<readonly ReadableLogRecord[], void, undefined> {
      const segments = await SnapshotSegments.list(path.join(directory, "segments"), settings);
      const onUnreadable = (count: number): void => {
        unreadable += count;
        options.onUnreadable?.(count);
      };
      try {
        yield* readRecords({ segments, onUnreadable }, options);
      } catch (error) {
        throw explainStorageError(error, directory, "read");
      } finally {
        await segments.close();
      }
    },
  };
}

/** Where they are lost, records that a damaged segment lacks at its end are not counted. */
async function readNotedCounts(directory: string): Promise<SnapshotSettings["countNoted"]> {
  try {
    const level = LevelSnapshot.open(path.join(directory, "cursors"));
    const text = await level.readValue(LOCAL_DOCUMENTS + CURSORS_DOCUMENT_ID);
    level.close();
    const { records = {} } = JSON.parse(text ?? "{}") as Partial<CursorsContent>;
    return (segment) => records[segment];
  } catch (error) {
    if (error instanceof SyntaxError || readErrorCode(error) === "ENOENT") return () => undefined;
    throw explainStorageError(error, directory, "read");
  }
}

class SnapshotSegments implements ReadableSegments<SegmentSnapshot> {
  readonly #segments: readonly SegmentSnapshot[];
  #held: SegmentSnapshot | undefined;

  static async list(directory: string, settings: SnapshotSettings): Promise<SnapshotSegments> {
    try {
      const found = listSegmentIds(await listDirectories(directory));
      return new SnapshotSegments(
        found.map(({ id, name }) => new SegmentSnapshot(id, path.join(directory, name), settings)),
      );
    } catch (error) {
      throw explainStorageError(error, path.dirname(directory), "read");
    }
  }

  private constructor(segments: readonly SegmentSnapshot[]) {
    this.#segments = segments;
  }

  findAfterUid(uid: string): SegmentSnapshot | undefined {
    return this.#segments.findLast((segment) => segment.id <= uid) ?? this.#segments[0];
  }

  nextOf(segment: SegmentSnapshot): SegmentSnapshot | undefined {
    return this.#segments[this.#segments.indexOf(segment) + 1];
  }

  /** One that retention has destroyed since it was listed has nothing more to count. */
  async countAfter(segment: SegmentSnapshot, uid: string): Promise<number> {
    try {
      await this.noteRead(segment);
      return await segment.countAfter(uid);
    } catch (error) {
      if (readErrorCode(error) !== "LOCAL_LOG_CLOSED") throw error;
      return 0;
    }
  }

  /** The files of one segment are held at a time, so that what retention destroys takes no room for long. */
  async noteRead(segment: SegmentSnapshot): Promise<void> {
    if (segment === this.#held) return;
    await this.close();
    this.#held = segment;
  }

  /** A snapshot gives what it can, and says what is wrong with the rest. */
  quarantine(_segment: SegmentSnapshot, cause: unknown): Promise<never> {
    return Promise.reject(cause);
  }

  async close(): Promise<void> {
    await this.#held?.close();
    this.#held = undefined;
  }
}
