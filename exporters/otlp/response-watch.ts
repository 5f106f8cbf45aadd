/**
 * Sees the status and Retry-After of the responses that OTel's exporter gets. It keeps both to itself, but they
 * pass by on Node's own diagnostics channel.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { readRetryAfterMs } from "../retry-after.ts";

const CHANNEL = "http.client.response.finish";

interface ResponseMessage {
  readonly request: ClientRequest & { readonly agent?: unknown };
  readonly response: IncomingMessage;
}

export interface LastResponse {
  readonly status: number;
  readonly retryAfterMs?: number;
  readonly location?: string;
  readonly contentType?: string;
}

export class ResponseWatch {
  #last: LastResponse | undefined;
  readonly #agent: object;

  constructor(agent: object) {
    this.#agent = agent;
    subscribe(CHANNEL, this.#see);
  }

  /** The latest response since the last call. */
  take(): LastResponse | undefined {
    const last = this.#last;
    this.#last = undefined;
    return last;
  }

  close(): void {
    unsubscribe(CHANNEL, this.#see);
  }

  readonly #see = (message: unknown): void => {
    const { request, response } = message as ResponseMessage;
    if (request.agent !== this.#agent) return;
    const { location, "content-type": contentType } = response.headers;
    const retryAfterMs = readRetryAfterMs(response.headers["retry-after"]);
    this.#last = {
      status: response.statusCode ?? 0,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(location === undefined ? {} : { location }),
      ...(contentType === undefined ? {} : { contentType }),
    };
  };
}
