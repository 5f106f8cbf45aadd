/**
 * What the exporters agree on: how a log record is identified, where records are followed from, and what a
 * destination answers. Every folder below imports this file; none imports another.
 */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";

/** Attribute that carries a record's time-ordered id; equal ids mean the same record. */
export const UID_ATTRIBUTE = "log.record.uid";

/** The record's uid, or `undefined` where a record has none (such a record cannot be stored). */
export function readUid(record: ReadableLogRecord): string | undefined {
  const uid = record.attributes[UID_ATTRIBUTE];
  return typeof uid === "string" ? uid : undefined;
}

/** How many records a destination refused for good, and why. `reason` is of low cardinality (`http_400`). */
export interface Rejection {
  readonly reason: string;
  readonly count: number;
  /** What the destination said, for people. */
  readonly message?: string;
  /** One of the refused records. */
  readonly sample?: ReadableLogRecord;
}

/** Why a destination takes no records. `reason` is of low cardinality (`http_401`). */
export interface Refusal {
  readonly reason: string;
  /** What the destination said, for people. */
  readonly message?: string;
}

/** What became of a batch. Failure is normal here, so it is a value and not an exception. */
export type SendResult =
  | { readonly kind: "delivered" }
  /** Nothing of the batch is known to have arrived: send the same batch again later. */
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  /** The destination takes no records at all, whatever they hold, until a person changes something. Nothing arrived. */
  | ({ readonly kind: "blocked" } & Refusal)
  /** `count` records were refused for good, the others arrived. */
  | ({
      readonly kind: "rejected";
      /** Every record in the request was refused, unread: what is wrong may be the destination. */
      readonly isWholeRequest?: true;
    } & Rejection)
  /** Some were refused for good, some must be sent again, the rest arrived. */
  | {
      readonly kind: "partial";
      readonly rejected: readonly Rejection[];
      readonly again: readonly ReadableLogRecord[];
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** What must be sent again met a destination that is blocked. */
      readonly isBlocked?: true;
    };

/**
 * A remote place for log records. `send` gets one batch at a time, oldest first, and may get the same record
 * again after a failure; a throw counts as `retry`. `signal` aborts when the attempt has taken too long or the
 * program stops. `shutdown` is called once, after the last `send` ended or was abandoned.
 */
export interface Destination {
  readonly name: string;
  send(records: readonly ReadableLogRecord[], signal: AbortSignal): Promise<SendResult>;
  shutdown(): Promise<void>;
}

/** Which records to read. All conditions must hold. */
export interface ReadOptions {
  /** Only records with a greater uid. */
  readonly after?: string;
  /** Only records of this time (Timestamp) or later, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Ends after so many records. */
  readonly limit?: number;
  /** Records per batch at most; 500 where left out. */
  readonly batchSize?: number;
  /** Only records with this EventName. */
  readonly eventName?: string;
  /** Only records of the container with this id; of an id of 64 hexadecimal digits 12 or more leading ones are enough. */
  readonly containerId?: string;
  /** Told of stored records that cannot be read back and are passed over. */
  readonly onUnreadable?: (count: number) => void;
}

/** Stored records that retention destroyed. */
export interface Expiry {
  /** How many were destroyed. */
  readonly records: number;
  /** The destroyed records are those with `from` <= uid < `before`. */
  readonly from: string;
  readonly before: string;
  /** For each cursor, how many of them lay after it. */
  readonly unread: ReadonlyMap<string, number>;
}

/** The durable log as a follower sees it. */
export interface FollowedLog {
  /** Oldest first, until everything that was stored at the end of the iteration has been given. */
  read(options: ReadOptions): AsyncIterable<readonly ReadableLogRecord[]>;
  newestUid(): string | undefined;
  /** `undefined` where no cursor of that name was ever saved; `""` means before the first record. */
  loadCursor(name: string): string | undefined;
  saveCursor(name: string, uid: string): Promise<void>;
  /** Stored records with a greater uid, up to and including `through` if that is given. */
  countAfter(uid: string, through?: string): Promise<number>;
  /** Called in the same turn in which the cursors were compared. Returns a function that ends the subscription. */
  onExpired(listener: (expiry: Expiry) => void): () => void;
}
