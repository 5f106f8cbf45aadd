/** Log records to a data stream of Elasticsearch, each with its uid as document id, so that none is there twice. */
import { errors } from "@elastic/elasticsearch";
import type { Client } from "@elastic/elasticsearch";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";
import { type Destination, type Rejection, readUid, type SendResult } from "../contract.ts";
import { findFault, findRedirection, isHtml, type Fault } from "../http-status.ts";
import { readRetryAfterMs } from "../retry-after.ts";
import { sendInParts, type TooLarge } from "../send-in-parts.ts";
import { fillDefaults } from "../setting.ts";
import { ANSWER_FIELDS, readBulkAnswer } from "./bulk-answer.ts";
import { createDocument, readDataStream } from "./document.ts";
import { createClient } from "./client.ts";
import { elasticsearchGroup, type ElasticsearchOptions } from "./options.ts";
import { installTemplate } from "./template.ts";

/**
 * `name` is that of the cursor and of the metrics; two destinations need two names. Options that are left out have their declared
 * defaults. Throws a coded error where a file cannot be read; a cluster that cannot be reached is no error.
 */
export function createElasticsearchDestination({
  name = "elasticsearch",
  ...given
}: Partial<ElasticsearchOptions> & { readonly name?: string }): Destination {
  const options = fillDefaults<ElasticsearchOptions>(elasticsearchGroup, given);
  const client = createClient(options);
  const stream = options.dataStream;
  let isPrepared = !options.installTemplate;
  return {
    name,
    async send(records, signal) {
      if (!isPrepared) {
        try {
          await installTemplate(client, stream, signal);
        } catch (error) {
          // Records sent without the types would settle others for good.
          const { fault, reason: why } = readFailure(error);
          const reason = `template_${why}`;
          return fault === "moment" ? { kind: "retry", reason } : { kind: "blocked", reason };
        }
        isPrepared = true;
      }
      const { lines, sent, rejected } = encode(records, stream);
      if (sent.length === 0) return { kind: "partial", rejected, again: [], reason: "" };
      const measure = (part: readonly ReadableLogRecord[]): number =>
        part.reduce((sum, record) => sum + Buffer.byteLength(lines.get(record) ?? ""), 0);
      const result = await sendInParts(sent, (part) => sendPart(client, stream, { part, lines, signal }), {
        limitBytes: options.maxRequestBytes,
        measure,
      });
      return addRejections(result, sent, rejected);
    },
    shutdown: () => client.close(),
  };
}

interface Part {
  readonly part: readonly ReadableLogRecord[];
  readonly lines: ReadonlyMap<ReadableLogRecord, string>;
  readonly signal: AbortSignal;
}

async function sendPart(
  client: Client,
  stream: string,
  { part, lines, signal }: Part,
): Promise<SendResult | TooLarge> {
  const path = `/${encodeURIComponent(stream)}/_bulk`;
  const querystring = { filter_path: ANSWER_FIELDS };
  const bulkBody = part.map((record) => lines.get(record)).join("");
  try {
    return readBulkAnswer(part, await postBulk(client, { path, querystring, bulkBody }, signal));
  } catch (error) {
    const { fault, reason, message, retryAfterMs } = readFailure(error);
    if (fault === "size") return { kind: "too_large", reason, message };
    if (fault === "data")
      return { kind: "rejected", isWholeRequest: true, reason, message, count: part.length };
    if (fault === "destination") return { kind: "blocked", reason, message };
    return { kind: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
}

interface BulkRequest {
  readonly path: string;
  readonly querystring: Readonly<Record<string, string>>;
  readonly bulkBody: string;
}

/** The client takes a redirection, and a page for people, for an answer like any other. */
async function postBulk(
  client: Client,
  request: BulkRequest,
  signal: AbortSignal,
  redirections = 0,
): Promise<unknown> {
  const options = { headers: MEDIA_TYPES, signal, meta: true } as const;
  const { body, statusCode, headers, meta } = await client.transport.request(
    { ...request, method: "POST" },
    options,
  );
  const { location, "content-type": contentType } = headers ?? {};
  const url = new URL(request.path, meta.connection?.url ?? "http://localhost").href;
  const answer = { status: statusCode ?? 0, ...(typeof location === "string" ? { location } : {}) };
  const redirection = findRedirection(answer, url, redirections);
  if (redirection !== undefined) {
    const { pathname: path, searchParams } = new URL(redirection);
    const querystring = { ...request.querystring, ...Object.fromEntries(searchParams) };
    return postBulk(client, { ...request, path, querystring }, signal, redirections + 1);
  }
  if (findFault(answer.status) === "destination") throw new BlockedError(`http_${answer.status}`);
  if (isHtml(String(contentType))) throw new BlockedError("html_answer");
  return body;
}

/** An answer for which the client throws nothing, and that no records arrived with. */
class BlockedError extends Error {}

/** Understood by every version; the client's own name one version only. */
const MEDIA_TYPES = { "content-type": "application/x-ndjson", accept: "application/json" };

interface Failure {
  readonly fault: Fault;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Of a whole request. The client throws for every status from 400 on, and for anything that is no answer. */
function readFailure(error: unknown): Failure {
  const message = readErrorMessage(error).slice(0, 500);
  if (error instanceof BlockedError) return { fault: "destination", reason: message, message };
  if (!(error instanceof errors.ResponseError)) {
    // The client keeps the system's code in its text only.
    const code = /\bE[A-Z_]{4,}\b/.exec(message)?.[0] ?? readErrorCode(error);
    return { fault: "moment", reason: code || message.split(";", 1)[0] || "no_answer", message };
  }
  const status = error.statusCode ?? 0;
  const header = error.headers?.["retry-after"];
  const retryAfterMs = readRetryAfterMs(Array.isArray(header) ? header[0] : header);
  return {
    fault: findFault(status),
    reason: `http_${status}`,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

interface Encoded {
  readonly lines: ReadonlyMap<ReadableLogRecord, string>;
  readonly sent: readonly ReadableLogRecord[];
  readonly rejected: readonly Rejection[];
}

/** Each record once, however often its batch is divided. */
function encode(records: readonly ReadableLogRecord[], stream: string): Encoded {
  const parts = readDataStream(stream);
  const lines = new Map<ReadableLogRecord, string>();
  const rejected: Rejection[] = [];
  for (const record of records) {
    try {
      const action = JSON.stringify({ create: { _id: readUid(record) } });
      lines.set(record, `${action}\n${JSON.stringify(createDocument(record, parts))}\n`);
    } catch (error) {
      rejected.push({ reason: "encoding", count: 1, message: readErrorMessage(error), sample: record });
    }
  }
  return { lines, sent: [...lines.keys()], rejected };
}

function addRejections(
  result: SendResult,
  sent: readonly ReadableLogRecord[],
  rejected: readonly Rejection[],
): SendResult {
  if (rejected.length === 0) return result;
  if (result.kind === "delivered") return { kind: "partial", rejected, again: [], reason: "" };
  if (result.kind === "retry") return { ...result, kind: "partial", rejected, again: sent };
  if (result.kind === "blocked")
    return { kind: "partial", reason: result.reason, isBlocked: true, rejected, again: sent };
  if (result.kind === "partial") return { ...result, rejected: [...result.rejected, ...rejected] };
  const { kind: _, isWholeRequest: __, ...own } = result;
  return { kind: "partial", rejected: [own, ...rejected], again: [], reason: "" };
}
