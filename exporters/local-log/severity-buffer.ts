/**
 * A bounded buffer that gives records out in the order they came. When it is full, no event displaces all others: each may hold an
 * equal part of it, and one that holds more gives up its own, the least severe first. One queue per event and severity, merged by
 * sequence number, so that giving up one record moves no other.
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

/** What one event has in the buffer. */
class EventQueues {
  /** By SeverityNumber; 0 stands for "not said". */
  readonly bySeverity = new Map<number, Queue>();
  records = 0;
  bytes = 0;

  push(severity: number, entry: Entry): void {
    const queue = this.bySeverity.get(severity) ?? new Queue();
    this.bySeverity.set(severity, queue);
    queue.push(entry);
    this.records += 1;
    this.bytes += entry.sizeBytes;
  }

  /** Of the least severity that anything is there of; undefined where it is empty. */
  get leastSeverity(): number | undefined {
    const severities = [...this.bySeverity].filter(([, { first }]) => first !== undefined);
    return severities.length === 0 ? undefined : Math.min(...severities.map(([severity]) => severity));
  }

  shift(severity: number): Entry | undefined {
    const queue = this.bySeverity.get(severity);
    const entry = queue?.first;
    if (queue === undefined || entry === undefined) return undefined;
    queue.shift();
    this.records -= 1;
    this.bytes -= entry.sizeBytes;
    return entry;
  }
}

export class SeverityBuffer {
  readonly #limits: BufferLimits;
  /** By event name; there are as many as events. */
  readonly #events = new Map<string, EventQueues>();
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
   * Takes a record in, if need be in the place of others. An event below its share takes the place of the one that holds most;
   * one above it only that of less severe records of events above theirs. Returns the records that found no place: displaced
   * ones, or the new one itself. `reserved` counts what is being written at the moment.
   */
  push(record: ReadableLogRecord, sizeBytes: number, reserved: BufferLimits): ReadableLogRecord[] {
    const severity: number = record.severityNumber ?? 0;
    const event = this.#eventOf(record.eventName ?? "");
    const refused: ReadableLogRecord[] = [];
    while (!this.#hasRoom(sizeBytes, reserved)) {
      const displaced = this.#displace(event, { severity, sizeBytes, reserved });
      if (displaced === undefined) return [...refused, record];
      refused.push(displaced.record);
    }
    this.#sequence += 1;
    event.push(severity, { record, sizeBytes, sequence: this.#sequence });
    this.#records += 1;
    this.#bytes += sizeBytes;
    return refused;
  }

  /** Removes up to `maxRecords`, oldest first. */
  take(maxRecords: number): { records: ReadableLogRecord[]; bytes: number } {
    const records: ReadableLogRecord[] = [];
    const before = this.#bytes;
    while (records.length < maxRecords) {
      const entry = this.#removeOldest();
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

  /** Where the buffer is full and `event` within its share, another one is above its own: their sum is all there is. */
  #displace(
    event: EventQueues,
    incoming: { readonly severity: number; readonly sizeBytes: number; readonly reserved: BufferLimits },
  ): Entry | undefined {
    const holding = [...this.#events.values()].filter((each) => each.records > 0 || each === event);
    const { maxRecords, maxBytes } = incoming.reserved;
    const share = (1 - this.#part(maxRecords, maxBytes)) / holding.length;
    const isWithin = this.#part(event.records + 1, event.bytes + incoming.sizeBytes) <= share;
    const above = holding.filter((each) =>
      each === event ? !isWithin : this.#part(each.records, each.bytes) > share,
    );
    if (isWithin) {
      const parts = above.map((each) => this.#part(each.records, each.bytes));
      const most = above[parts.indexOf(Math.max(...parts))];
      return this.#remove(most, most?.leastSeverity);
    }
    const severities = above.map((each) => each.leastSeverity ?? Infinity);
    const least = Math.min(...severities);
    return least < incoming.severity ? this.#remove(above[severities.indexOf(least)], least) : undefined;
  }

  /** Of the whole buffer, by whichever of its two limits is nearer. */
  #part(records: number, bytes: number): number {
    return Math.max(records / this.#limits.maxRecords, bytes / this.#limits.maxBytes);
  }

  #removeOldest(): Entry | undefined {
    let oldest: { readonly event: EventQueues; readonly severity: number } | undefined;
    let sequence = Infinity;
    for (const event of this.#events.values()) {
      for (const [severity, { first }] of event.bySeverity) {
        if (first === undefined || first.sequence > sequence) continue;
        oldest = { event, severity };
        ({ sequence } = first);
      }
    }
    return this.#remove(oldest?.event, oldest?.severity);
  }

  #remove(event: EventQueues | undefined, severity: number | undefined): Entry | undefined {
    const entry = severity === undefined ? undefined : event?.shift(severity);
    if (entry === undefined) return undefined;
    this.#records -= 1;
    this.#bytes -= entry.sizeBytes;
    return entry;
  }

  #eventOf(name: string): EventQueues {
    const event = this.#events.get(name) ?? new EventQueues();
    this.#events.set(name, event);
    return event;
  }
}
