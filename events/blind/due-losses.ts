/** Which losses to report now: the first of a kind at once, then one record an interval; suppressed ones beyond a share only. */
import type { Loss } from "#receiver/tracing/contract.ts";
import { keyOf } from "#receiver/tracing/losses.ts";

export interface BlindConfig {
  /** Seconds between two records about one reason, event, destination or table. */
  readonly interval_seconds: number;
  /** Percent of what an event sees. */
  readonly suppressed_percent: number;
}

const NS_PER_SECOND = 1_000_000_000;

/** The counters of one event as they were when the window began that its share is taken of: an interval at most. */
interface Window {
  readonly beganAt: number;
  readonly suppressed: number;
  readonly seen: number;
}

export class DueLosses {
  readonly #reportedAt = new Map<string, number>();
  readonly #windows = new Map<string, Window>();
  /** Suppressed losses that were beyond the share, until they are reported. */
  readonly #beyondShare = new Set<string>();
  readonly #inFlight = new Set<string>();

  /** `isLast`: there will be no other look, so the interval is not waited for. */
  choose(losses: readonly Loss[], config: BlindConfig, isLast = false): Loss[] {
    const due: Loss[] = [];
    for (const loss of losses) {
      const key = keyOf(loss);
      if (loss.reason === "suppressed" && !this.#isBeyondShare(key, loss, config)) continue;
      const since = loss.until - (this.#reportedAt.get(key) ?? Number.NEGATIVE_INFINITY);
      const isDue = isLast || since >= config.interval_seconds * NS_PER_SECOND;
      if (isDue && !this.#inFlight.has(key)) due.push(loss);
    }
    const now = losses[0]?.until ?? 0;
    this.#forget(new Set(losses.map(keyOf)), now - config.interval_seconds * NS_PER_SECOND);
    return due;
  }

  /** A record about it is on its way. */
  noteSent(loss: Loss): void {
    const key = keyOf(loss);
    this.#inFlight.add(key);
    this.#reportedAt.set(key, loss.until);
  }

  /** It is stored, or lost: then its counts are in the next one. */
  noteSettled(loss: Loss, isStored: boolean): void {
    const key = keyOf(loss);
    this.#inFlight.delete(key);
    if (isStored) this.#beyondShare.delete(key);
  }

  #isBeyondShare(key: string, loss: Loss, config: BlindConfig): boolean {
    // Of an earlier run no share is known any more.
    if (loss.isCarried || this.#beyondShare.has(key)) return true;
    const { total, count, seen = 0, seenSince = 0, from, until } = loss;
    const window = this.#windows.get(key) ?? {
      beganAt: from,
      suppressed: total - count,
      seen: seen - seenSince,
    };
    const isOver = until - window.beganAt >= config.interval_seconds * NS_PER_SECOND;
    this.#windows.set(key, isOver ? { beganAt: until, suppressed: total, seen } : window);
    const suppressed = total - window.suppressed;
    const isBeyond = suppressed * 100 > (seen - window.seen) * config.suppressed_percent;
    if (isBeyond) this.#beyondShare.add(key);
    return isBeyond;
  }

  /** What has nothing unreported, and was not reported for an interval, is like new. */
  #forget(unreported: ReadonlySet<string>, oldest: number): void {
    for (const key of this.#windows.keys()) if (!unreported.has(key)) this.#windows.delete(key);
    for (const [key, reportedAt] of this.#reportedAt)
      if (reportedAt < oldest && !unreported.has(key)) this.#reportedAt.delete(key);
  }
}
