/**
 * Which cgroups stay remembered. Those that users made share a part of the room, and each user a part of that, so that
 * nobody who makes many has those of root, or of another user, forgotten.
 */
import type { Cgroup } from "./cgroup.ts";

/** In all; a node with a thousand pods has some five thousand. */
const CGROUPS = 16_384;
/** Of all that users made, and of one user. */
const OF_USERS = 4_096;
const OF_ONE_USER = 1_024;
/** What a cgroup takes without its path and its owners (cgroup-directory.bench.ts), and what each owner adds. */
const CGROUP_BYTES = 1_024;
const OWNER_BYTES = 640;
/** With a usual path and one owner a cgroup takes as much; one with a long path counts as several. */
const USUAL_BYTES = 2_048;
/** A record is read within a second; what runs late is a log that is read again, or a network namespace that lives on. */
const REMEMBERED_MS = 10 * 60 * 1_000;

export interface RetentionOptions {
  readonly capacity?: number;
  readonly rememberedMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
}

/** Those of root's, or of one user: in the order they were made, and in the order they went. */
class Share {
  readonly live = new Set<Cgroup>();
  readonly gone = new Set<Cgroup>();
  bytes = 0;

  /** In usual cgroups, rounded up. */
  get size(): number {
    return Math.max(this.live.size + this.gone.size, Math.ceil(this.bytes / USUAL_BYTES));
  }

  /** The one that is gone longest; a living one only where none is gone. */
  get first(): Cgroup | undefined {
    return this.gone.values().next().value ?? this.live.values().next().value;
  }
}

export class CgroupRetention {
  readonly #capacity: number;
  readonly #rememberedMs: number;
  readonly #nowMs: () => number;
  readonly #root = new Share();
  readonly #users = new Map<string, Share>();
  /** Of all users, in usual cgroups. */
  #usersSize = 0;
  #evicted = 0;

  constructor(options: RetentionOptions) {
    this.#capacity = options.capacity ?? CGROUPS;
    this.#rememberedMs = options.rememberedMs ?? REMEMBERED_MS;
    this.#nowMs = options.nowMs ?? ((): number => performance.now());
  }

  /** Forgotten before their time, for want of room. */
  get evicted(): number {
    return this.#evicted;
  }

  counts(): { readonly live: number; readonly gone: number } {
    const shares = [this.#root, ...this.#users.values()];
    const sum = (count: (share: Share) => number): number =>
      shares.reduce((total, share) => total + count(share), 0);
    return { live: sum(({ live }) => live.size), gone: sum(({ gone }) => gone.size) };
  }

  /** All that are remembered, root's first. */
  *all(): Generator<Cgroup> {
    for (const share of [this.#root, ...this.#users.values()]) {
      yield* share.live;
      yield* share.gone;
    }
  }

  /** It has a directory. */
  setLive(cgroup: Cgroup): void {
    cgroup.goneAtMs = undefined;
    this.#change(cgroup, (share) => {
      share.gone.delete(cgroup);
      share.live.add(cgroup);
    });
  }

  /** Its directory is gone, or a record spoke of it that had none. */
  setGone(cgroup: Cgroup): void {
    cgroup.goneAtMs = this.#nowMs();
    this.#change(cgroup, (share) => {
      share.live.delete(cgroup);
      share.gone.delete(cgroup);
      share.gone.add(cgroup);
    });
  }

  /** It has become known whose part of the room it takes. */
  setShare(cgroup: Cgroup, share: string | undefined): void {
    if (cgroup.share === share) return;
    const { live, gone } = this.#shareOf(cgroup);
    const [isLive, isGone] = [live.has(cgroup), gone.has(cgroup)];
    this.#forget(cgroup);
    cgroup.share = share;
    if (!isLive && !isGone) return;
    this.#change(cgroup, (its) => (isLive ? its.live : its.gone).add(cgroup));
  }

  /** Those to be forgotten after this one has changed; they are no longer remembered here. */
  *sweep(changed: Cgroup): Generator<Cgroup> {
    yield* this.#sweepOld(this.#shareOf(changed));
    if (changed.share !== undefined) yield* this.#shrink(this.#shareOf(changed), OF_ONE_USER);
    while (this.#usersSize > OF_USERS) yield* this.#evict(this.#findLargest());
    while (this.#root.size + this.#usersSize > this.#capacity)
      yield* this.#evict(this.#findLargest() ?? this.#root);
  }

  /** Those whose time is over. */
  *sweepAll(): Generator<Cgroup> {
    for (const share of [this.#root, ...this.#users.values()]) yield* this.#sweepOld(share);
  }

  *#sweepOld(share: Share): Generator<Cgroup> {
    const oldestMs = this.#nowMs() - this.#rememberedMs;
    for (const cgroup of share.gone) {
      if ((cgroup.goneAtMs ?? 0) >= oldestMs) return;
      this.#forget(cgroup);
      yield cgroup;
    }
  }

  *#shrink(share: Share, most: number): Generator<Cgroup> {
    while (share.size > most) yield* this.#evict(share);
  }

  *#evict(share: Share | undefined): Generator<Cgroup> {
    const cgroup = share?.first;
    if (cgroup === undefined) return;
    this.#evicted++;
    this.#forget(cgroup);
    yield cgroup;
  }

  #findLargest(): Share | undefined {
    let largest: Share | undefined;
    for (const share of this.#users.values()) if (share.size > (largest?.size ?? 0)) largest = share;
    return largest;
  }

  #shareOf({ share }: Cgroup): Share {
    if (share === undefined) return this.#root;
    const known = this.#users.get(share) ?? new Share();
    this.#users.set(share, known);
    return known;
  }

  #forget(cgroup: Cgroup): void {
    this.#change(cgroup, (share) => {
      share.live.delete(cgroup);
      share.gone.delete(cgroup);
    });
  }

  #change(cgroup: Cgroup, change: (share: Share) => unknown): void {
    const share = this.#shareOf(cgroup);
    const [sizeBefore, countBefore] = [share.size, share.live.size + share.gone.size];
    change(share);
    const count = share.live.size + share.gone.size;
    share.bytes += (count - countBefore) * cgroup.sizeBytes;
    if (cgroup.share === undefined) return;
    this.#usersSize += share.size - sizeBefore;
    if (count === 0) this.#users.delete(cgroup.share);
  }
}

/** What one takes of memory, roughly; the same at any time. */
export function estimateBytes(path: string, ownerCount: number): number {
  return CGROUP_BYTES + path.length + ownerCount * OWNER_BYTES;
}
