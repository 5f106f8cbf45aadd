/** Reads stored records oldest first, across segments, while others write and retention destroys. */
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import type { ReadOptions } from "../contract.ts";
import { DAMAGED_FIELD } from "./guarded-leveldown.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRecord, type RecordDocument } from "./record-document.ts";
import type { Segment } from "./segment.ts";
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
  const { segments } = context;
  const select = createFilter(options);
  const batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
  let left = options.limit ?? Infinity;
  let position = startOf(options);
  let segment = segments.findAfterUid(position);
  while (segment && left > 0) {
    // Asked before the read: a segment that has a successor is written no more.
    const wasSealed = segments.nextOf(segment) !== undefined;
    const batch = await readBatch(context, segment, position, batchSize);
    position = batch.documents.at(-1)?._id ?? position;
    const records = select(batch, context.onUnreadable).slice(0, left);
    left -= records.length;
    if (records.length > 0) yield records;
    if (batch.documents.length === batchSize) continue;
    const next = segments.nextOf(segment);
    if (next === undefined) return;
    if (wasSealed) segment = next;
  }
}

interface Batch {
  readonly documents: RecordDocument[];
  readonly dictionary: Dictionary | undefined;
}

const EMPTY_BATCH: Batch = { documents: [], dictionary: undefined };

async function readBatch(
  { segments, onUnreadable }: ReadContext,
  segment: Segment,
  position: string,
  batchSize: number,
): Promise<Batch> {
  try {
    const batch = await segment.readAfter(position, batchSize);
    await segments.noteRead(segment);
    return batch;
  } catch (error) {
    const code = readErrorCode(error);
    // Destroyed by retention meanwhile: the next segment follows.
    if (code === "LOCAL_LOG_CLOSED") return EMPTY_BATCH;
    if (code !== "LOCAL_LOG_DAMAGED") throw error;
    onUnreadable(
      await segment
        .countAfter(position)
        .catch(() => segment.countRecords())
        .catch(() => 1),
    );
    await segments.quarantine(segment, error);
    return EMPTY_BATCH;
  }
}

function startOf({ after = "", sinceMs }: ReadOptions): string {
  const since = sinceMs === undefined ? "" : lowestUidAt(sinceMs - CLOCK_SLACK_MS);
  return after > since ? after : since;
}

type Select = (batch: Batch, onUnreadable: (count: number) => void) => ReadableLogRecord[];

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
      if (DAMAGED_FIELD in document || !resource || !scope) onUnreadable(1);
      else if (isWanted(document, resource)) records.push(decodeRecord(document, resource, scope));
    }
    return records;
  };
}
