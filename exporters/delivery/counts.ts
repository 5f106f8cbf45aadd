/** What became of the records that one destination had to get. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection } from "../contract.ts";

export interface DeliveryCounts {
  /** Taken by the destination. */
  readonly exported: number;
  /** Refused for good, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Destroyed by retention before they were sent. */
  readonly expired: number;
  /** In the local log, but unreadable there. */
  readonly unreadable: number;
  /** Stored and not settled yet. */
  readonly pending: number;
  /** Attempts that have to be made again. */
  readonly retries: number;
  /** Cursor positions that could not be written; the records after them may be sent twice after a restart. */
  readonly cursorFailures: number;
}

/** The latest refused record of a reason, for a person to look at. */
export interface RejectionSample {
  readonly record: ReadableLogRecord;
  readonly message: string;
}

/** Reasons become metric attributes; a destination that invents one per record must not fill the memory. */
const MAX_REASONS = 32;

export class DeliveryCounter {
  exported = 0;
  expired = 0;
  unreadable = 0;
  pending = 0;
  retries = 0;
  cursorFailures = 0;
  readonly samples: Map<string, RejectionSample> = new Map();
  readonly #rejected = new Map<string, number>();

  reject(rejection: Rejection, fallbackSample: ReadableLogRecord | undefined): void {
    const { count, message = "" } = rejection;
    const isKnown = this.#rejected.has(rejection.reason) || this.#rejected.size < MAX_REASONS;
    const reason = isKnown ? rejection.reason : "other";
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
    const record = rejection.sample ?? fallbackSample;
    if (record) this.samples.set(reason, { record, message });
  }

  read(): DeliveryCounts {
    const { exported, expired, unreadable, retries, cursorFailures } = this;
    // A record read from the disk may be settled before it is announced.
    const pending = Math.max(0, this.pending);
    const rejected = Object.fromEntries(this.#rejected);
    return { exported, rejected, expired, unreadable, pending, retries, cursorFailures };
  }
}
