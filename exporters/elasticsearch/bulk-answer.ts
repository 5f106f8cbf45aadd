/** What Elasticsearch said to a bulk request, item by item, as a result for the delivery. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Rejection, SendResult } from "../contract.ts";

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

/** Beside 5xx: no status, credentials or rights, too much at a time. */
const TEMPORARY: ReadonlySet<number> = new Set([0, 401, 403, 429]);

/** A refusal's text is for people; a whole document in it is not. */
const MAX_MESSAGE_LENGTH = 500;

/**
 * One item per record, in the order of the records. An item that is there already (409) is delivered: ids are unique.
 * 429, 5xx and what the credentials do not allow may be different the next time; the rest is refused for good.
 */
export function readBulkAnswer(records: readonly ReadableLogRecord[], body: unknown): SendResult {
  const { errors, items } = readBody(body);
  if (errors === false) return { kind: "delivered" };
  // Whoever answered, it was not Elasticsearch.
  if (items?.length !== records.length) return { kind: "retry", reason: "unreadable_answer" };
  const again: ReadableLogRecord[] = [];
  const rejections = new Map<string, Rejection>();
  let reason = "";
  for (const [index, record] of records.entries()) {
    const { status, error } = readItem(items[index]);
    const fate = judgeStatus(status);
    if (fate === "rejected") addRejection(rejections, record, status, error);
    if (fate !== "again") continue;
    again.push(record);
    reason ||= `http_${status}`;
  }
  const rejected = [...rejections.values()];
  if (again.length === 0 && rejected.length === 0) return { kind: "delivered" };
  return { kind: "partial", rejected, again, reason };
}

function readBody(body: unknown): BulkAnswer {
  return typeof body === "object" && body !== null ? body : {};
}

function readItem(item: Readonly<Record<string, Item>> = {}): { status: number; error: ItemError } {
  const { status = 0, error = {} } = Object.values(item)[0] ?? {};
  return { status, error };
}

function judgeStatus(status: number): "delivered" | "again" | "rejected" {
  if ((status >= 200 && status < 300) || status === 409) return "delivered";
  return TEMPORARY.has(status) || status >= 500 ? "again" : "rejected";
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
