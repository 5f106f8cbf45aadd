/** A followed log in memory for the tests: storing, announcing and reading happen when the test says. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Expiry, type FollowedLog, type ReadOptions, readUid } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";

export interface FakeLog extends FollowedLog {
  /** Stores records, numbered on from the last ones, and returns them. */
  store(count: number): ReadableLogRecord[];
  /** Destroys every record with a smaller uid. */
  expire(before: string): void;
  readonly cursors: Map<string, string>;
  reads: number;
}

/** Sorts like the number it stands for. */
export function uidOf(number: number): string {
  return String(number).padStart(26, "0");
}

/** `pause` is awaited at each step of a read, so that a test can let other things happen there. */
export function createFakeLog(pause: () => Promise<void> = async () => {}): FakeLog {
  let stored: ReadableLogRecord[] = [];
  let last = 0;
  const cursors = new Map<string, string>();
  const listeners = new Set<(expiry: Expiry) => void>();
  const log: FakeLog = {
    cursors,
    reads: 0,
    store(count) {
      const records = Array.from({ length: count }, () => createSampleRecord(uidOf((last += 1))));
      stored.push(...records);
      return records;
    },
    expire(before) {
      const lost = stored.filter((record) => uid(record) < before);
      stored = stored.filter((record) => uid(record) >= before);
      const unread = new Map(
        [...cursors].map(([name, at]) => [name, lost.filter((record) => uid(record) > at).length]),
      );
      const [first] = lost;
      if (!first) return;
      for (const listener of listeners) listener({ records: lost.length, from: uid(first), before, unread });
    },
    async *read({ after = "", batchSize = 500 }: ReadOptions) {
      log.reads += 1;
      for (let position = after; ;) {
        await pause();
        const batch = stored.filter((record) => uid(record) > position).slice(0, batchSize);
        await pause();
        const newest = batch.at(-1);
        if (newest === undefined) return;
        position = uid(newest);
        yield batch;
      }
    },
    newestUid: () => (last === 0 ? undefined : uidOf(last)),
    loadCursor: (name) => cursors.get(name),
    async saveCursor(name, at) {
      cursors.set(name, at);
      await pause();
    },
    countAfter: async (after, through = "~") =>
      stored.filter((record) => uid(record) > after && uid(record) <= through).length,
    onExpired(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return log;
}

function uid(record: ReadableLogRecord): string {
  return readUid(record) ?? "";
}

export function createUids(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => uidOf(from + index));
}
