/**
 * A bounded buffer that gives records out in the order they came, and gives up the least severe first when full.
 * One queue per severity, merged by sequence number, so that giving up one record moves no other.
 */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";

export interface BufferLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

interface Entry {
  readonly record: ReadableLogRecord;
  readonly sizeBytes: number;
  readonly sequence: number;
}

/** First in, first out, without moving the rest at each removal. */
class Queue {
  #entries: Entry[] = [];
  #head = 0;

  get first(): Entry | undefined {
    return this.#entries[this.#head];
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  shift(): void {
    this.#head += 1;
    if (this.#head < 1024 || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

export class SeverityBuffer {
  readonly #limits: BufferLimits;
  /** By SeverityNumber, ascending; 0 stands for "not said". */
  readonly #queues = new Map<number, Queue>();
  #severities: number[] = [];
  #sequence = 0;
  #records = 0;
  #bytes = 0;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a record in, if need be in the place of the oldest ones of lower severity. Returns the records that found
   * no place: displaced ones, or the new one itself. `reserved` counts what is being written at the moment.
   */
  push(record: ReadableLogRecord, sizeBytes: number, reserved: BufferLimits): ReadableLogRecord[] {
    const severity: number = record.severityNumber ?? 0;
    const refused: ReadableLogRecord[] = [];
    while (!this.#hasRoom(sizeBytes, reserved)) {
      const lowest = this.#severities.find((candidate) => this.#queues.get(candidate)?.first);
      if (lowest === undefined || lowest >= severity) return [...refused, record];
      const displaced = this.#remove(lowest);
      if (displaced) refused.push(displaced.record);
    }
    this.#sequence += 1;
    this.#queueOf(severity).push({ record, sizeBytes, sequence: this.#sequence });
    this.#records += 1;
    this.#bytes += sizeBytes;
    return refused;
  }

  /** Removes up to `maxRecords`, oldest first. */
  take(maxRecords: number): { records: ReadableLogRecord[]; bytes: number } {
    const records: ReadableLogRecord[] = [];
    const before = this.#bytes;
    while (records.length < maxRecords) {
      let oldest: number | undefined;
      let sequence = Infinity;
      for (const severity of this.#severities) {
        const entry = this.#queues.get(severity)?.first;
        if (entry === undefined || entry.sequence > sequence) continue;
        oldest = severity;
        sequence = entry.sequence;
      }
      const entry = oldest === undefined ? undefined : this.#remove(oldest);
      if (entry === undefined) break;
      records.push(entry.record);
    }
    return { records, bytes: before - this.#bytes };
  }

  #hasRoom(sizeBytes: number, reserved: BufferLimits): boolean {
    if (this.#records + reserved.maxRecords >= this.#limits.maxRecords) return false;
    const usedBytes = this.#bytes + reserved.maxBytes;
    // One record greater than the whole limit is still better taken than lost.
    return usedBytes === 0 || usedBytes + sizeBytes <= this.#limits.maxBytes;
  }

  #remove(severity: number): Entry | undefined {
    const queue = this.#queues.get(severity);
    const entry = queue?.first;
    if (!queue || !entry) return undefined;
    queue.shift();
    this.#records -= 1;
    this.#bytes -= entry.sizeBytes;
    return entry;
  }

  #queueOf(severity: number): Queue {
    let queue = this.#queues.get(severity);
    if (!queue) {
      queue = new Queue();
      this.#queues.set(severity, queue);
      this.#severities = [...this.#queues.keys()].sort((left, right) => left - right);
    }
    return queue;
  }
}
