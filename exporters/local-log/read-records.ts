/** Reads stored records oldest first, across segments, while others write and retention destroys. */
import type { Resource } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode } from "../coded-error.ts";
import { explainContainerId, matchContainerId } from "../container-id.ts";
import type { ReadOptions } from "../contract.ts";
import { decodeRecord, type RecordDocument } from "./record-document.ts";
import { LossCounter } from "./loss-counter.ts";
import type { RecordPage } from "./segment.ts";
import { createStorageError } from "./storage-error.ts";
import { lowestUidAt } from "./uid.ts";

const DEFAULT_BATCH_SIZE = 500;

/** A record's uid is made after its Timestamp was taken, but clocks are converted with some error. */
const CLOCK_SLACK_MS = 1000;

/** A segment as a reader sees it; methods as those of `Segment`. */
export interface ReadableSegment {
  readonly isSealed: boolean;
  readonly isAside: boolean;
  findSequence(uid: string): Promise<number>;
  readPage(sequence: number, limit: number): Promise<RecordPage>;
}

/** The segments in their order, as a reader goes along them; methods as those of `Segments`. */
export interface ReadableSegments<Segment extends ReadableSegment> {
  findAfterUid(uid: string): Segment | undefined;
  nextOf(segment: Segment): Segment | undefined;
  countAfter(segment: Segment, uid: string): Promise<number>;
  noteRead(segment: Segment): Promise<void>;
  /** LevelDB could not read it. */
  quarantine(segment: Segment, cause: unknown): Promise<void>;
}

export interface ReadContext<Segment extends ReadableSegment> {
  readonly segments: ReadableSegments<Segment>;
  /** Documents that could not be read or refer to a resource that could not. */
  readonly onUnreadable: (count: number) => void;
}

export async function* readRecords<Segment extends ReadableSegment>(
  context: ReadContext<Segment>,
  options: ReadOptions,
): AsyncGenerator<readonly ReadableLogRecord[], void, undefined> {
  const select = createFilter(options);
  let left = options.limit ?? Infinity;
  for await (const { page, losses } of readPages(context, startOf(options), options.batchSize)) {
    const records = select(page, losses).slice(0, left);
    left -= records.length;
    if (records.length > 0) yield records;
    if (left <= 0) return;
  }
}

/** Page by page, until everything that was stored has been given; what is missing of a segment is reported behind it. */
async function* readPages<Segment extends ReadableSegment>(
  { segments, onUnreadable }: ReadContext<Segment>,
  position: string,
  batchSize: number = DEFAULT_BATCH_SIZE,
): AsyncGenerator<{ readonly page: Page; readonly losses: LossCounter }, void, undefined> {
  for (let segment = segments.findAfterUid(position); segment; segment = segments.nextOf(segment)) {
    const losses = new LossCounter(onUnreadable);
    for (let [from, isRead]: [string | number, boolean] = [position, false]; !isRead;) {
      // Asked before the read: a sealed segment is written no more.
      const { isSealed } = segment;
      if (isSealed && !losses.isExpecting) losses.expect(await segments.countAfter(segment, position));
      const page: Page = await readPage(segments, segment, from, batchSize);
      losses.lose(page.damaged);
      yield { page, losses };
      from = page.sequence;
      isRead = page.isEnd && isSealed;
      if (isRead && !page.isGone) losses.end();
      if (page.isEnd && !isSealed && segments.nextOf(segment) === undefined) return;
    }
  }
}

interface Page extends Omit<RecordPage, "dictionary"> {
  readonly dictionary?: RecordPage["dictionary"];
  /** Retention destroyed it meanwhile, and has counted what was in it. */
  readonly isGone?: boolean;
}

async function readPage<Segment extends ReadableSegment>(
  segments: ReadableSegments<Segment>,
  segment: Segment,
  from: string | number,
  batchSize: number,
): Promise<Page> {
  const ended = { documents: [], damaged: 0, sequence: typeof from === "number" ? from : 0, isEnd: true };
  try {
    if (segment.isAside) return ended;
    const sequence = typeof from === "number" ? from : await segment.findSequence(from);
    const page = await segment.readPage(sequence, batchSize);
    await segments.noteRead(segment);
    return page;
  } catch (error) {
    const code = readErrorCode(error);
    if (code === "LOCAL_LOG_CLOSED") return { ...ended, isGone: true };
    if (code !== "LOCAL_LOG_DAMAGED") throw error;
    await segments.quarantine(segment, error);
    // The reader looks once more, and then counts what it expected and did not find.
    return { ...ended, isEnd: false };
  }
}

function startOf({ after = "", sinceMs }: ReadOptions): string {
  const since = sinceMs === undefined ? "" : lowestUidAt(sinceMs - CLOCK_SLACK_MS);
  return after > since ? after : since;
}

type Select = (page: Page, losses: LossCounter) => ReadableLogRecord[];

function createFilter({ eventName, containerId, sinceMs }: ReadOptions): Select {
  const reason = containerId === undefined ? undefined : explainContainerId(containerId);
  if (reason !== undefined)
    throw createStorageError(
      "LOCAL_LOG_OPTIONS_INVALID",
      `Container id ${JSON.stringify(containerId)} ${reason}.`,
    );
  const isContainer = containerId === undefined ? undefined : matchContainerId(containerId);
  const isWanted = (document: RecordDocument, { attributes }: Resource): boolean =>
    (eventName === undefined || document.event === eventName) &&
    (isContainer === undefined || isContainer(attributes["container.id"])) &&
    (sinceMs === undefined || document.time[0] * 1000 + document.time[1] / 1e6 >= sinceMs);
  return ({ documents, dictionary }, losses) => {
    const records: ReadableLogRecord[] = [];
    for (const document of documents) {
      const resource = dictionary?.resources.get(document.resource);
      const scope = dictionary?.scopes.get(document.scope);
      if (!resource || !scope) {
        losses.lose(1);
        continue;
      }
      losses.find();
      if (isWanted(document, resource)) records.push(decodeRecord(document, resource, scope));
    }
    return records;
  };
}
