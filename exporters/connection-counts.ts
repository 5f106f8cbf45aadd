/** What became of the connections to a server of ours. Its owner makes it, so that it outlives a server that is opened anew. */

/**
 * Why the server ended a connection: all places were taken (`too_many`), few descriptors were left (`too_few_descriptors`), it waited for its
 * client and another one needed the place (`displaced`), its request did not come (`request_timeout`), its answer was not
 * read (`write_timeout`), or it asked again before it had its answer (`pipelined`).
 */
export const closeReasons = [
  "too_many",
  "too_few_descriptors",
  "displaced",
  "request_timeout",
  "write_timeout",
  "pipelined",
] as const;

export type CloseReason = (typeof closeReasons)[number];

export class ConnectionCounts {
  /** Connections that are open. */
  open = 0;
  readonly #closed = new Map<CloseReason, number>(closeReasons.map((reason) => [reason, 0]));

  /** Those that the server ended, by the reason; every reason is there. */
  get closed(): ReadonlyMap<CloseReason, number> {
    return this.#closed;
  }

  count(reason: CloseReason): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
  }
}
