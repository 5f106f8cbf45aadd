/** GET over a Unix socket or TLS, with the limits of every request. */
import { requestBounded } from "#exporters/bounded-request.ts";
import type { BoundedAnswer, BoundedOptions } from "#exporters/bounded-request.ts";

/** At most, whatever the source's own limit is. */
export const LONGEST_LOOKUP_MS = 30_000;
/** The pods of a node, or the containers of a runtime, are a few MiB; a longer list is not to be believed. */
export const LARGEST_LIST_BYTES: number = 64 * 1024 * 1024;
/** What is said of one container. */
const LARGEST_ITEM_BYTES = 4 * 1024 * 1024;

export interface JsonAnswer {
  readonly status: number;
  /** Only of a 200. */
  readonly body: unknown;
}

/** `protocol` is that of the URL: `http:` also for sockets. Rejects where the answer is no JSON, too long or too late. */
export async function getJson(
  protocol: string,
  options: BoundedOptions,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const { status, body } = await get(protocol, options, { signal, largestAnswerBytes: LARGEST_ITEM_BYTES });
  return { status, body: status === 200 ? JSON.parse(body.toString("utf8")) : undefined };
}

/** Gives the body of a 200 to `onChunk`, so that a long list is never held as a whole. Returns the status. */
export async function getList(
  protocol: string,
  options: BoundedOptions,
  { signal, onChunk }: { readonly signal: AbortSignal; readonly onChunk: (chunk: Buffer) => void },
): Promise<number> {
  const limits = { signal, onChunk, largestAnswerBytes: LARGEST_LIST_BYTES };
  return (await get(protocol, options, limits)).status;
}

function get(
  protocol: string,
  options: BoundedOptions,
  limits: Omit<Parameters<typeof requestBounded>[2], "timeoutMs">,
): Promise<BoundedAnswer> {
  return requestBounded({ ...options, protocol }, undefined, { ...limits, timeoutMs: LONGEST_LOOKUP_MS });
}
