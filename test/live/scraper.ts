/** Reads the port that Prometheus scrapes, never twice within the second in which scrapes share one collection. */
import { once } from "node:events";
import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** For so long one collection answers every scrape, and somewhat longer. */
const SHARED_MS = 1_100;

export class Scraper {
  #atMs = Number.NEGATIVE_INFINITY;

  /** What was collected after this was called, if nobody else scrapes. */
  async scrape(url: string): Promise<string> {
    const sharedMs = this.#atMs + SHARED_MS - performance.now();
    if (sharedMs > 0) await sleep(sharedMs);
    this.#atMs = performance.now();
    // Not with `fetch`, which Node loads for two seconds in an emulated machine.
    const asked = get(url, { agent: false });
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return readText(response);
  }
}
