/**
 * Which network namespaces stay remembered. Each user has a share of the room, and so has each container; those of
 * containers go last of all.
 */
import type { Namespace } from "./namespace.ts";

/** A pod has one; at some 400 bytes each. */
const NAMESPACES = 8_192;
/** A user may have any number of namespaces, and so may a container that is allowed to make some. */
const OF_ONE_USER = 256;
const OF_ONE_CONTAINER = 64;
/** Those of which only a record spoke, and those of root in no container. */
const OF_NOBODY = 1_024;
const OF_HOST = 2_048;
/** So many of the oldest are looked through for one that is gone. */
const LOOKED_THROUGH = 64;

const NOBODY = "";
const HOST = "host";

export class NamespaceTable {
  readonly #byKey = new Map<number, Namespace>();
  /** In the order they came into their share; containers each in one of their own. */
  readonly #shares = new Map<string, Set<Namespace>>();
  readonly #containers = new Set<Namespace>();
  readonly #onForget: (namespace: Namespace) => void;
  readonly #capacity: number;
  #evicted = 0;

  /** `onForget`: what the kernel reported of it has to be reported again when it is seen again. */
  constructor(onForget: (namespace: Namespace) => void, capacity: number = NAMESPACES) {
    this.#onForget = onForget;
    this.#capacity = capacity;
  }

  /** Forgotten, for want of room. */
  get evicted(): number {
    return this.#evicted;
  }

  values(): Iterable<Namespace> {
    return this.#byKey.values();
  }

  get(key: number): Namespace | undefined {
    return this.#byKey.get(key);
  }

  /** Call it also when another member may have made it another's. */
  keep(namespace: Namespace): void {
    const share = shareOf(namespace);
    if (this.#byKey.get(namespace.key) !== namespace || namespace.share !== share) {
      this.#leave(namespace);
      this.#byKey.set(namespace.key, namespace);
      this.#join(namespace, share);
    }
    const members = this.#shares.get(share) ?? new Set();
    while (members.size > limitOf(share)) this.#evict(findFirst(members));
    while (this.#byKey.size > this.#capacity) this.#evict(this.#findLeastTrusted());
  }

  #join(namespace: Namespace, share: string): void {
    namespace.share = share;
    const members = this.#shares.get(share) ?? new Set();
    this.#shares.set(share, members.add(namespace));
    if (isContainers(share)) this.#containers.add(namespace);
  }

  #leave(namespace: Namespace): void {
    const members = this.#shares.get(namespace.share);
    members?.delete(namespace);
    if (members?.size === 0) this.#shares.delete(namespace.share);
    this.#containers.delete(namespace);
    this.#byKey.delete(namespace.key);
  }

  #evict(namespace: Namespace | undefined): void {
    if (namespace === undefined) return;
    this.#evicted++;
    this.#leave(namespace);
    this.#onForget(namespace);
  }

  /** Nobody's, then that of the user who has most, then root's in no container, then a container's. */
  #findLeastTrusted(): Namespace | undefined {
    const users = [...this.#shares].filter(([share]) => share.startsWith("user "));
    const [, most] = users.reduce<readonly [string, Set<Namespace>]>(
      (largest, each) => (each[1].size > largest[1].size ? each : largest),
      ["", new Set()],
    );
    for (const members of [this.#shares.get(NOBODY), most, this.#shares.get(HOST), this.#containers])
      if (members !== undefined && members.size > 0) return findFirst(members);
    return undefined;
  }
}

function shareOf({ member, isContained }: Namespace): string {
  if (member === undefined) return NOBODY;
  const { pair, cgroup } = member;
  // A user may call a cgroup as he likes, so that it looks like a container.
  if (pair.ownerUid !== 0) return `user ${pair.ownerUid}`;
  if (cgroup.isUsers) return cgroup.share ?? "";
  return isContained ? `container ${cgroup.owner?.key}` : HOST;
}

function isContainers(share: string): boolean {
  return share.startsWith("container ");
}

function limitOf(share: string): number {
  if (share === NOBODY) return OF_NOBODY;
  if (share === HOST) return OF_HOST;
  return isContainers(share) ? OF_ONE_CONTAINER : OF_ONE_USER;
}

/** One without a container, or whose cgroup is gone, if there is one among the oldest; else the oldest. */
function findFirst(members: ReadonlySet<Namespace>): Namespace | undefined {
  const oldest = members.values().take(LOOKED_THROUGH).toArray();
  return oldest.find(({ isContained }) => !isContained) ?? oldest.find(({ isGone }) => isGone) ?? oldest[0];
}
