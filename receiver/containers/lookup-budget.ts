/** How many lookups the cgroups below one directory may cause: a token bucket for each, in a bounded table. */
import type { Cgroup } from "./cgroup.ts";

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A directory that root fills: as many containers as a node starts at once, and then as many as it can start each second. */
const ofRoot: Rate = { perSecond: 50, burst: 512 };
/** All that one user makes, or one container: in any second 20 at most, those that are repeated included. */
const ofUser: Rate = { perSecond: 8, burst: 12 };
/** Directories in which something was made lately. One that is forgotten begins with a whole burst. */
const DIRECTORIES = 1_024;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export class LookupBudget {
  readonly #nowMs: () => number;
  /** The one that was used last is last. */
  readonly #buckets = new Map<string, Bucket>();

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether there is one left for this cgroup. */
  take({ share, path }: Cgroup): boolean {
    const rate = share === undefined ? ofRoot : ofUser;
    const bucket = this.#find(share ?? path.slice(0, path.lastIndexOf("/")), rate);
    const nowMs = this.#nowMs();
    const grown = ((nowMs - bucket.filledAtMs) / 1_000) * rate.perSecond;
    bucket.tokens = Math.min(bucket.tokens + grown, rate.burst);
    bucket.filledAtMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #find(key: string, { burst }: Rate): Bucket {
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAtMs: this.#nowMs() };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest = key] = this.#buckets.size > DIRECTORIES ? this.#buckets.keys() : [];
    if (oldest !== key) this.#buckets.delete(oldest);
    return bucket;
  }
}
