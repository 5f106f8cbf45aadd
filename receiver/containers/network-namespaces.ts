/** Which network namespaces there are, and who is in them. */
import { Namespace } from "./namespace.ts";
import type { Member, Pair } from "./namespace.ts";
import { NamespaceTable } from "./namespace-table.ts";
import { host } from "./resolved-subject.ts";
import type { About } from "./resolved-subject.ts";

/** A container may have a cgroup for each of its services; the kernel reports each once. */
const PAIRS = 64;

export interface NamespaceId {
  readonly inode: number;
  /** `0n` where the kernel does not tell it. */
  readonly cookie: bigint;
}

const aboutHost: About = { resolved: host, isPending: false };

export class NetworkNamespaces {
  /** The kernel is to report this pair again when it is seen again. */
  onForget: (pair: Pair) => void = () => {};
  /** A namespace was forgotten for want of room. */
  onEvict: (cookie: bigint) => void = () => {};
  readonly #table: NamespaceTable;
  readonly #nowMs: () => number;
  #host: NamespaceId = { inode: 0, cookie: 0n };

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number = (): number => performance.now()) {
    this.#nowMs = nowMs;
    this.#table = new NamespaceTable(({ key, pairs }) => {
      for (const pair of pairs) this.onForget(pair);
      // Of one that is known by its inode alone nobody knows the cookie.
      if (key > 0) this.onEvict(BigInt(key));
    });
  }

  setHost(id: NamespaceId): void {
    this.#host = id;
  }

  /** A process of `member.cgroup` is in this namespace. */
  add(id: NamespaceId, member: Member): void {
    const namespace = this.#get(id);
    namespace.add(member);
    this.#notePair(namespace, member.pair);
    this.#table.keep(namespace);
  }

  find(id: NamespaceId): About {
    return this.foreign(id) ?? aboutHost;
  }

  /** Undefined where it is the host's. */
  foreign(id: NamespaceId): Namespace | undefined {
    if (this.#isHost(id)) return undefined;
    const namespace = this.#get(id);
    this.#table.keep(namespace);
    return namespace;
  }

  /** Of which somebody is known. */
  get size(): number {
    let known = 0;
    for (const namespace of this.#table.values()) if (namespace.isKnown) known++;
    return known;
  }

  /** Forgotten for want of room. */
  get evicted(): number {
    return this.#table.evicted;
  }

  #notePair({ pairs }: Namespace, pair: Pair): void {
    // The kernel may have forgotten it by itself.
    if (pairs.some(({ cgroupId }) => cgroupId === pair.cgroupId)) return;
    pairs.push(pair);
    const oldest = pairs.length > PAIRS ? pairs.shift() : undefined;
    if (oldest !== undefined) this.onForget(oldest);
  }

  #isHost({ inode, cookie }: NamespaceId): boolean {
    if (this.#host.cookie !== 0n && cookie !== 0n) return cookie === this.#host.cookie;
    return inode === this.#host.inode;
  }

  #get(id: NamespaceId): Namespace {
    const key = keyOf(id);
    return this.#table.get(key) ?? new Namespace(key, this.#nowMs);
  }
}

/** Inodes are used again, cookies are not; both are far below 2^53. */
function keyOf({ inode, cookie }: NamespaceId): number {
  return cookie === 0n ? -inode : Number(cookie);
}
