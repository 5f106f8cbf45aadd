/** Which network namespaces there are, and who is in them. */
import { Namespace } from "./namespace.ts";
import type { Member } from "./namespace.ts";
import { host } from "./resolved-subject.ts";
import type { About } from "./resolved-subject.ts";

/** A pod has one; at some 300 bytes each. */
const NAMESPACES = 8_192;
/** So many of the oldest are looked through for one that is gone. */
const LOOKED_THROUGH = 64;

export interface NamespaceId {
  readonly inode: number;
  /** `0n` where the kernel does not tell it. */
  readonly cookie: bigint;
}

const aboutHost: About = { resolved: host, isPending: false };

export class NetworkNamespaces {
  readonly #byKey = new Map<number, Namespace>();
  readonly #nowMs: () => number;
  #host: NamespaceId = { inode: 0, cookie: 0n };

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number = (): number => performance.now()) {
    this.#nowMs = nowMs;
  }

  setHost(id: NamespaceId): void {
    this.#host = id;
  }

  /** A process of `member.cgroup` is in this namespace. */
  add(id: NamespaceId, member: Member): void {
    this.#take(id).add(member);
  }

  find(id: NamespaceId): About {
    return this.foreign(id) ?? aboutHost;
  }

  /** Undefined where it is the host's. */
  foreign(id: NamespaceId): Namespace | undefined {
    return this.#isHost(id) ? undefined : this.#take(id);
  }

  /** Of which somebody is known. */
  get size(): number {
    let known = 0;
    for (const namespace of this.#byKey.values()) if (namespace.isKnown) known++;
    return known;
  }

  #isHost({ inode, cookie }: NamespaceId): boolean {
    if (this.#host.cookie !== 0n && cookie !== 0n) return cookie === this.#host.cookie;
    return inode === this.#host.inode;
  }

  #take(id: NamespaceId): Namespace {
    const key = keyOf(id);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= NAMESPACES) this.#byKey.delete(this.#findOldest());
    const namespace = new Namespace(this.#nowMs);
    this.#byKey.set(key, namespace);
    return namespace;
  }

  /** One that is gone, if there is one among the oldest. */
  #findOldest(): number {
    const oldest = this.#byKey.entries().take(LOOKED_THROUGH).toArray();
    const [key = 0] = oldest.find(([, namespace]) => namespace.isGone) ?? oldest[0] ?? [];
    return key;
  }
}

/** Inodes are used again, cookies are not; both are far below 2^53. */
function keyOf({ inode, cookie }: NamespaceId): number {
  return cookie === 0n ? -inode : Number(cookie);
}
