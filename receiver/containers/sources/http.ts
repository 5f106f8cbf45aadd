/** GET of a JSON document, over a Unix socket or TLS. */
import { request as requestHttp } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions as TlsRequestOptions } from "node:https";

/** The pods of a node are a few MiB; whoever sends more is not to be believed. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

export interface JsonAnswer {
  readonly status: number;
  /** Only of a 200. */
  readonly body: unknown;
}

/** `protocol` is that of the URL: `http:` also for sockets. Rejects where the answer is no JSON or too long. */
export async function getJson(
  protocol: string,
  options: RequestOptions & TlsRequestOptions,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  const request = protocol === "https:" ? requestHttps : requestHttp;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ ...options, signal }, resolve)
      .once("error", reject)
      .end();
  });
  const text = await readBody(response);
  const status = response.statusCode ?? 0;
  return { status, body: status === 200 ? JSON.parse(text) : undefined };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_ANSWER_BYTES) {
      response.destroy();
      throw new RangeError(`an answer of more than ${LARGEST_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
