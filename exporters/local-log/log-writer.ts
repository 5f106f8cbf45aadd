/** Writes behind: takes records at once, stores them in batches, and counts what finds no place. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Clock, computeBackoffMs, systemClock } from "../clock.ts";
import { readUid } from "../contract.ts";
import type { LocalLog } from "./local-log.ts";
import { estimateSizeBytes } from "../record-size.ts";
import { type BufferLimits, SeverityBuffer } from "./severity-buffer.ts";
import { isUid } from "./uid.ts";

/** `buffer_full`: the disk is too slow or refuses. `unstorable`: no ULID, or nested too deeply. `closed`: came too late. */
export type RefusalReason = "buffer_full" | "unstorable" | "closed";

export interface LogWriterOptions {
  /** 10,000 where left out. */
  readonly maxBufferedRecords?: number;
  /** Approximate; 64 MiB where left out. */
  readonly maxBufferedBytes?: number;
  /** 500 where left out. */
  readonly batchRecords?: number;
  /** A record waits no longer than this for company; 200 where left out. */
  readonly batchDelayMs?: number;
  /** Each record that will not be stored. Must not throw. */
  readonly onRefused?: (record: ReadableLogRecord, reason: RefusalReason) => void;
  /** Records that are durable now, in uid order. Must not throw. */
  readonly onStored?: (records: readonly ReadableLogRecord[]) => void;
  /** A write failed and will be tried again. */
  readonly onError?: (error: unknown) => void;
  readonly clock?: Clock;
}

const RETRY_BACKOFF = { baseMs: 200, maxMs: 5000 };
const MIB = 1024 * 1024;

export class LogWriter {
  readonly #log: Pick<LocalLog, "append">;
  readonly #options: LogWriterOptions;
  readonly #clock: Clock;
  readonly #buffer: SeverityBuffer;
  readonly #stop = new AbortController();
  readonly #batchRecords: number;
  /** Writing outlives the call that began it, and its errors are not the caller's. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();
  /** Ends the wait for a batch to fill. */
  #hurry = new AbortController();
  #flushes = 0;
  #writing: Promise<void> | undefined;
  #inFlight: BufferLimits = { maxRecords: 0, maxBytes: 0 };
  #unsettled: readonly ReadableLogRecord[] = [];
  #isClosed = false;

  constructor(log: Pick<LocalLog, "append">, options: LogWriterOptions = {}) {
    this.#log = log;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#batchRecords = options.batchRecords ?? 500;
    this.#buffer = new SeverityBuffer({
      maxRecords: options.maxBufferedRecords ?? 10_000,
      maxBytes: options.maxBufferedBytes ?? 64 * MIB,
    });
  }

  /** Records not stored yet, those being written included. */
  get bufferedRecords(): number {
    return this.#buffer.records + this.#inFlight.maxRecords;
  }

  /**
   * Takes a record to be stored; uids must grow from call to call. Returns false if it was refused, which
   * `onRefused` has been told by then. An accepted record may still be displaced by a more severe one, or by one of an
   * event that holds less of the buffer.
   */
  offer(record: ReadableLogRecord): boolean {
    const sizeBytes = isUid(readUid(record) ?? "") ? estimateSizeBytes(record) : undefined;
    if (this.#isClosed || sizeBytes === undefined) {
      this.#options.onRefused?.(record, this.#isClosed ? "closed" : "unstorable");
      return false;
    }
    const refused = this.#buffer.push(record, sizeBytes, this.#inFlight);
    for (const loser of refused) this.#options.onRefused?.(loser, "buffer_full");
    // Aborting twice would be harmless, but makes an exception object each time.
    if (this.#buffer.records === this.#batchRecords) this.#hurry.abort();
    this.#writing ??= this.#inOwnContext(() => this.#write()).finally(() => (this.#writing = undefined));
    return refused.at(-1) !== record;
  }

  /** Resolves with whether all that was taken is stored, at `deadlineMs` from now at the latest. */
  async flush(deadlineMs: number): Promise<boolean> {
    const deadline = new AbortController();
    const timeout = this.#clock.sleep(deadlineMs, deadline.signal).then(() => false);
    this.#flushes += 1;
    this.#hurry.abort();
    try {
      const drained = (this.#writing ?? Promise.resolve()).then(() => true);
      return await Promise.race([drained, timeout]);
    } finally {
      this.#flushes -= 1;
      deadline.abort();
    }
  }

  /** Takes no more, stores what it can until the deadline, and refuses the rest. Safe to call twice. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosed = true;
    await this.flush(deadlineMs);
    this.#stop.abort();
    // A write that hangs is left behind; whether it happens or not, its records were not confirmed.
    const left = [...this.#unsettled, ...this.#buffer.take(Infinity).records];
    this.#unsettled = [];
    for (const record of left) this.#options.onRefused?.(record, "closed");
  }

  async #write(): Promise<void> {
    while (this.#buffer.records > 0 && !this.#stop.signal.aborted) {
      await this.#waitForBatch();
      const { records, bytes } = this.#buffer.take(this.#batchRecords);
      this.#inFlight = { maxRecords: records.length, maxBytes: bytes };
      this.#unsettled = records;
      await this.#store(records);
      this.#inFlight = { maxRecords: 0, maxBytes: 0 };
    }
  }

  async #waitForBatch(): Promise<void> {
    if (this.#flushes > 0 || this.#isClosed || this.#buffer.records >= this.#batchRecords) return;
    this.#hurry = new AbortController();
    await this.#clock.sleep(this.#options.batchDelayMs ?? 200, this.#hurry.signal);
  }

  async #store(records: readonly ReadableLogRecord[]): Promise<void> {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await this.#log.append(records);
        if (this.#unsettled === records) {
          this.#unsettled = [];
          this.#options.onStored?.(records);
        }
        return;
      } catch (error) {
        this.#options.onError?.(error);
        await this.#clock.sleep(computeBackoffMs(attempt, RETRY_BACKOFF), this.#stop.signal);
      }
    }
  }
}
