/**
 * One HTTP request with an end, for every client of ours: an absolute deadline over headers and body, a largest answer, also when it
 * is unpacked, and a connection that does not outlive a failed attempt. Node limits none of these: its `timeout` begins anew with
 * every byte that arrives, and the libraries of the backends add little to that.
 */
import { request as requestHttp } from "node:http";
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createUnzip } from "node:zlib";
import { CodedError } from "./coded-error.ts";

/** What a backend says to records is short; one that sends more is not the backend that was meant. */
export const LARGEST_BACKEND_ANSWER_BYTES: number = 4 * 1024 * 1024;

/** With an agent of the client's own: Node's shared one keeps connections beyond the client, and may be made to use a proxy. */
export type BoundedOptions = RequestOptions & { readonly agent: Agent };

export interface RequestLimits {
  /** From now until the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of the answer's body, unpacked. */
  readonly largestAnswerBytes: number;
  /** Ends the request earlier. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the body piece by piece where the status is 200, instead of `body`; what it throws ends the request. */
  readonly onChunk?: (chunk: Buffer) => void;
}

export interface BoundedAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked; empty where `onChunk` got it. */
  readonly body: Buffer;
}

/**
 * `options.protocol` is `http:` or `https:`; certificates are verified unless the options say otherwise, whatever the environment says.
 * Proxies are not used. Redirects are answers like others. Rejects with the system's error, with `REQUEST_TIMEOUT`,
 * `ANSWER_TOO_LONG`, `ANSWER_INCOMPLETE` or `ANSWER_UNREADABLE`, or with the reason of the signal.
 */
export async function requestBounded(
  options: BoundedOptions,
  body: string | Uint8Array | undefined,
  limits: RequestLimits,
): Promise<BoundedAnswer> {
  limits.signal?.throwIfAborted();
  const start = options.protocol === "https:" ? requestHttps : requestHttp;
  const request = start({ rejectUnauthorized: true, ...options });
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const { timeoutMs, signal } = limits;
  const tooLate = (): void => {
    fail(new CodedError("REQUEST_TIMEOUT", `there was no whole answer in ${timeoutMs / 1000} s`));
  };
  const timer = setTimeout(tooLate, timeoutMs);
  const abort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  let isWhole = false;
  try {
    const answer = await Promise.race([exchange(request, body, limits), failed]);
    // An answer may come before the whole request was taken: what is left of it would block the connection.
    isWhole = request.writableFinished;
    return answer;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    if (!isWhole) request.destroy();
  }
}

async function exchange(
  request: ClientRequest,
  body: string | Uint8Array | undefined,
  limits: RequestLimits,
): Promise<BoundedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // The listener stays: a destroyed request may report more than one error.
  request.on("error", reject);
  request.once("response", resolve);
  // As after a 101, which nobody asked for.
  request.once("close", () => reject(new CodedError("ANSWER_INCOMPLETE", "the connection was closed")));
  request.end(body);
  const response = await promise;
  const { statusCode: status = 0, statusMessage: statusText = "", headers } = response;
  return { status, statusText, headers, body: await readBody(response, limits) };
}

async function readBody(
  response: IncomingMessage,
  { largestAnswerBytes, onChunk }: RequestLimits,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const isStreamed = onChunk !== undefined && response.statusCode === 200;
  const take = isStreamed ? onChunk : (chunk: Buffer): void => void chunks.push(chunk);
  let sizeBytes = 0;
  const tooLong = new CodedError("ANSWER_TOO_LONG", `an answer of more than ${largestAnswerBytes} bytes`);
  if (Number(response.headers["content-length"]) > largestAnswerBytes) throw tooLong;
  const read = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      sizeBytes += chunk.length;
      if (sizeBytes > largestAnswerBytes) throw tooLong;
      take(chunk);
    }
  };
  const unpackers = chooseUnpackers(response.headers["content-encoding"]);
  try {
    await pipeline([response as Readable, ...unpackers, read]);
  } catch (error) {
    throw response.complete || error === tooLong || !response.readableAborted
      ? error
      : new CodedError("ANSWER_INCOMPLETE", "the connection was closed within the answer", error);
  }
  return Buffer.concat(chunks);
}

function chooseUnpackers(encoding = "identity"): NodeJS.ReadWriteStream[] {
  if (/^\s*identity\s*$/i.test(encoding)) return [];
  if (/^\s*(?:x-)?(?:gzip|deflate)\s*$/i.test(encoding)) return [createUnzip()];
  throw new CodedError("ANSWER_UNREADABLE", `an answer in the encoding ${encoding.slice(0, 40)}`);
}
