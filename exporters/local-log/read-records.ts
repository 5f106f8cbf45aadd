/** Reads stored records oldest first, across segments, while others write and retention destroys. */
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import type { ReadOptions } from "../contract.ts";
import { decodeRecord, type RecordDocument } from "./record-document.ts";
import type { RecordPage, Segment } from "./segment.ts";
import type { Segments } from "./segments.ts";
import { createStorageError } from "./storage-error.ts";
import { lowestUidAt } from "./uid.ts";

const DEFAULT_BATCH_SIZE = 500;

/** A record's uid is made after its Timestamp was taken, but clocks are converted with some error. */
const CLOCK_SLACK_MS = 1000;

/** Short container ids are twelve digits long. */
const MIN_CONTAINER_PREFIX = /^[0-9a-f]{12,64}$/;

export interface ReadContext {
  readonly segments: Segments;
  /** Documents that could not be read or refer to a resource that could not. */
  readonly onUnreadable: (count: number) => void;
}

export async function* readRecords(
  context: ReadContext,
  options: ReadOptions,
): AsyncGenerator<readonly ReadableLogRecord[], void, undefined> {
  const { segments, onUnreadable } = context;
  const select = createFilter(options);
  const batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
  let left = options.limit ?? Infinity;
  const position = startOf(options);
  let segment = segments.findAfterUid(position);
  let sequence: number | undefined;
  while (segment && left > 0) {
    // Asked before the read: a segment that has a successor is written no more.
    const wasSealed = segments.nextOf(segment) !== undefined;
    const page: Page = await readPage(context, segment, sequence ?? position, batchSize);
    if (page.damaged > 0) onUnreadable(page.damaged);
    const records = select(page, onUnreadable).slice(0, left);
    left -= records.length;
    sequence = page.sequence;
    if (records.length > 0) yield records;
    if (!page.isEnd) continue;
    const next = segments.nextOf(segment);
    if (next === undefined) return;
    if (!wasSealed) continue;
    segment = next;
    sequence = undefined;
  }
}

type Page = Omit<RecordPage, "dictionary"> & Partial<Pick<RecordPage, "dictionary">>;

async function readPage(
  { segments }: ReadContext,
  segment: Segment,
  from: string | number,
  batchSize: number,
): Promise<Page> {
  const ended = { documents: [], sequence: typeof from === "number" ? from : 0, isEnd: true };
  try {
    if (segment.isDamaged) return { ...ended, damaged: await segment.countRecords() };
    const sequence = typeof from === "number" ? from : await segment.findSequence(from);
    const page = await segment.readPage(sequence, batchSize);
    await segments.noteRead(segment);
    return page;
  } catch (error) {
    const code = readErrorCode(error);
    // Destroyed by retention meanwhile: the next segment follows.
    if (code === "LOCAL_LOG_CLOSED") return { ...ended, damaged: 0 };
    if (code !== "LOCAL_LOG_DAMAGED") throw error;
    await segments.quarantine(segment, error);
    // What this reader had of it already was not lost.
    return { ...ended, damaged: Math.max(0, (await segment.countRecords()) - ended.sequence) };
  }
}

function startOf({ after = "", sinceMs }: ReadOptions): string {
  const since = sinceMs === undefined ? "" : lowestUidAt(sinceMs - CLOCK_SLACK_MS);
  return after > since ? after : since;
}

type Select = (page: Page, onUnreadable: (count: number) => void) => ReadableLogRecord[];

function createFilter({ eventName, containerId, sinceMs }: ReadOptions): Select {
  if (containerId !== undefined && !MIN_CONTAINER_PREFIX.test(containerId)) {
    const message = `Container id ${JSON.stringify(containerId)} must be 12 to 64 hexadecimal digits.`;
    throw createStorageError("LOCAL_LOG_OPTIONS_INVALID", message);
  }
  const isWanted = (document: RecordDocument, { attributes }: Resource): boolean =>
    (eventName === undefined || document.event === eventName) &&
    (containerId === undefined || String(attributes["container.id"]).startsWith(containerId)) &&
    (sinceMs === undefined || document.time[0] * 1000 + document.time[1] / 1e6 >= sinceMs);
  return ({ documents, dictionary }, onUnreadable) => {
    const records: ReadableLogRecord[] = [];
    for (const document of documents) {
      const resource = dictionary?.resources.get(document.resource);
      const scope = dictionary?.scopes.get(document.scope);
      if (!resource || !scope) onUnreadable(1);
      else if (isWanted(document, resource)) records.push(decodeRecord(document, resource, scope));
    }
    return records;
  };
}
