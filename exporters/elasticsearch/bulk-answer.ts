/** What Elasticsearch said to a bulk request, item by item, as a result for the delivery. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "../contract.ts";
import { findFault, type Fault } from "../http-status.ts";

interface ItemError {
  readonly type?: string;
  readonly reason?: string;
  readonly caused_by?: { readonly reason?: string };
}

interface Item {
  readonly status?: number;
  readonly error?: ItemError;
}

/** The parts of an answer that are asked for and read. */
interface BulkAnswer {
  readonly errors?: boolean;
  readonly items?: readonly Readonly<Record<string, Item>>[];
}

/** For `filter_path`: without it an answer is as long as the request. */
export const ANSWER_FIELDS =
  "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";

/** An index that is missing, closed or read-only, and rights that are missing: no record is at fault. */
const BLOCKED_TYPES: ReadonlySet<string> = new Set([
  "cluster_block_exception",
  "index_closed_exception",
  "index_not_found_exception",
  "security_exception",
]);

/** A refusal's text is for people; a whole document in it is not. */
const MAX_MESSAGE_LENGTH = 500;

/**
 * One item per record, in the order of the records. An item that is there already (409) is delivered: ids are unique.
 */
export function readBulkAnswer(records: readonly ReadableLogRecord[], body: unknown): SendResult {
  const { errors, items } = readBody(body);
  if (errors === false) return { kind: "delivered" };
  // Whoever answered, it was not Elasticsearch.
  if (items?.length !== records.length) return { kind: "retry", reason: "unreadable_answer" };
  const again: ReadableLogRecord[] = [];
  const rejections = new Map<string, Rejection>();
  const faults: { readonly fault: Fault; readonly reason: string }[] = [];
  for (const [index, record] of records.entries()) {
    const { status, error } = readItem(items[index]);
    const fault = findItemFault(status, error);
    if (fault === "data") addRejection(rejections, record, status, error);
    if (fault === "data" || fault === "none") continue;
    again.push(record);
    faults.push({ fault, reason: nameReason(status, error, fault) });
  }
  return makeResult([...rejections.values()], again, faults);
}

function makeResult(
  rejected: readonly Rejection[],
  again: readonly ReadableLogRecord[],
  faults: readonly { readonly fault: Fault; readonly reason: string }[],
): SendResult {
  if (again.length === 0 && rejected.length === 0) return { kind: "delivered" };
  // A person has to hear of the block, even where other items have to wait only.
  const block = faults.find(({ fault }) => fault === "destination");
  const { reason = "" } = block ?? faults[0] ?? {};
  return { kind: "partial", rejected, again, reason, ...(block ? { isBlocked: true } : {}) };
}

function readBody(body: unknown): BulkAnswer {
  return typeof body === "object" && body !== null ? body : {};
}

/** Whatever answers in the place of Elasticsearch, an item of no known form is none of the record's fault. */
function readItem(item: unknown): { status: number; error: ItemError } {
  const [found] = typeof item === "object" && item !== null ? (Object.values(item) as unknown[]) : [];
  const { status, error } = (found ?? {}) as { status?: unknown; error?: unknown };
  const isObject = typeof error === "object" && error !== null;
  return { status: typeof status === "number" ? status : 0, error: isObject ? error : {} };
}

function findItemFault(status: number, { type = "" }: ItemError): Fault {
  if (status === 409) return "none";
  const fault = findFault(status);
  // A cluster that has no master yet is blocked as well, with 503, and opens by itself.
  if (fault !== "none" && status < 500 && BLOCKED_TYPES.has(type)) return "destination";
  // One item that is too large does not become smaller in a smaller request.
  return fault === "size" ? "data" : fault;
}

function nameReason(status: number, { type = "" }: ItemError, fault: Fault): string {
  const isNamed = fault === "destination" && BLOCKED_TYPES.has(type) && type !== "security_exception";
  return isNamed ? type : `http_${status}`;
}

function addRejection(
  rejections: Map<string, Rejection>,
  record: ReadableLogRecord,
  status: number,
  error: ItemError,
): void {
  const reason = /^[a-z_]{1,60}$/.test(error.type ?? "") ? String(error.type) : `http_${status}`;
  const message = [error.reason, error.caused_by?.reason].filter(Boolean).join(": ");
  const known = rejections.get(reason);
  const first = { reason, count: 0, message: message.slice(0, MAX_MESSAGE_LENGTH), sample: record };
  rejections.set(reason, { ...(known ?? first), count: (known?.count ?? 0) + 1 });
}
