/**
 * Whose network namespace is it? The container's whose process was in it first, and of a container in a pod the pod's,
 * because all containers of a pod share it.
 */
import type { Cgroup } from "./cgroup.ts";
import { host, unknown } from "./resolved-subject.ts";
import type { About, ResolvedSubject, SubjectAttributes } from "./resolved-subject.ts";

/** A pod has one; at some 200 bytes each. The one that was not asked for longest is forgotten first. */
const NAMESPACES = 8_192;

/** A runtime prepares a namespace before it starts a process in it: so long after it was first heard of, one may come. */
const NEW_MS = 2_000;

export interface NamespaceId {
  readonly inode: number;
  /** `0n` where the kernel does not tell it. */
  readonly cookie: bigint;
}

export interface Member {
  readonly cgroup: Cgroup;
  /** Of the process, as the kernel counts. */
  readonly startTime: number;
}

export class NetworkNamespaces {
  readonly #members = new Map<bigint, Member>();
  readonly #ofPods = new WeakMap<ResolvedSubject, ResolvedSubject>();
  /** When one was first asked for that no process was seen in. */
  readonly #missed = new Map<bigint, number>();
  readonly #nowMs: () => number;
  #host: NamespaceId = { inode: 0, cookie: 0n };

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number = (): number => performance.now()) {
    this.#nowMs = nowMs;
  }

  setHost(id: NamespaceId): void {
    this.#host = id;
  }

  /** A process of `cgroup` is in this namespace. */
  add(id: NamespaceId, member: Member): void {
    const before = this.#members.get(keyOf(id));
    if (before !== undefined && !isBetter(member, before)) return;
    this.#members.set(keyOf(id), member);
    this.#missed.delete(keyOf(id));
    dropOldest(this.#members);
  }

  find(id: NamespaceId): About {
    if (this.#isHost(id)) return hostNamespace;
    const key = keyOf(id);
    const member = this.#members.get(key);
    if (member !== undefined) {
      this.#members.delete(key);
      this.#members.set(key, member);
      return this.#about(member);
    }
    const missedAtMs = this.#missed.get(key) ?? this.#nowMs();
    this.#missed.delete(key);
    this.#missed.set(key, missedAtMs);
    dropOldest(this.#missed);
    const about = (): About | undefined => {
      const found = this.#members.get(key);
      return found === undefined ? undefined : this.#about(found);
    };
    const isNew = (): boolean => this.#nowMs() - missedAtMs < NEW_MS;
    return {
      get resolved(): ResolvedSubject {
        return about()?.resolved ?? unknown;
      },
      get isPending(): boolean {
        return about()?.isPending ?? isNew();
      },
    };
  }

  #about({ cgroup }: Member): About {
    const podOf = (): ResolvedSubject => this.#podOf(cgroup.resolved);
    return {
      get resolved(): ResolvedSubject {
        return podOf();
      },
      get isPending(): boolean {
        return cgroup.isPending;
      },
    };
  }

  get size(): number {
    return this.#members.size;
  }

  #isHost({ inode, cookie }: NamespaceId): boolean {
    if (this.#host.cookie !== 0n && cookie !== 0n) return cookie === this.#host.cookie;
    return inode === this.#host.inode;
  }

  #podOf(resolved: ResolvedSubject): ResolvedSubject {
    if (resolved.attributes["k8s.pod.uid"] === undefined) return resolved;
    const known = this.#ofPods.get(resolved);
    if (known !== undefined) return known;
    const pod = { attributes: keepPod(resolved.attributes), attribution: resolved.attribution };
    this.#ofPods.set(resolved, pod);
    return pod;
  }
}

const hostNamespace: About = { resolved: host, isPending: false };

function dropOldest(map: Map<bigint, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= NAMESPACES) return;
    map.delete(oldest);
  }
}

/** A runtime's helpers run in a container's namespace before the container does, in a cgroup of the host. */
function isBetter(member: Member, before: Member): boolean {
  const [isContained, wasContained] = [isInContainer(member.cgroup), isInContainer(before.cgroup)];
  return isContained === wasContained ? member.startTime < before.startTime : isContained;
}

function isInContainer({ owners, resolved }: Cgroup): boolean {
  return owners.length > 0 && resolved.attributes["kerntel.systemd.unit"] === undefined;
}

/** Inodes are used again, cookies are not. */
function keyOf({ inode, cookie }: NamespaceId): bigint {
  return cookie === 0n ? -BigInt(inode) : cookie;
}

function keepPod(attributes: SubjectAttributes): SubjectAttributes {
  const kept = Object.entries(attributes).filter(
    ([name]) => !name.startsWith("container.") && !name.startsWith("k8s.container."),
  );
  return Object.fromEntries(kept) as SubjectAttributes;
}
