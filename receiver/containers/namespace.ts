/**
 * Whose is this network namespace? The container's whose process was in it first, and of a container in a pod the pod's,
 * because all containers of a pod share it.
 */
import type { Cgroup } from "./cgroup.ts";
import { unknown } from "./resolved-subject.ts";
import type { About, ResolvedSubject, SubjectAttributes } from "./resolved-subject.ts";

/** A runtime prepares a namespace before it starts a process in it: so long after it was first heard of, one may come. */
const NEW_MS = 2_000;

/** What the kernel reports once, and again only when it was forgotten there. */
export interface Pair {
  readonly cookie: bigint;
  readonly cgroupId: bigint;
  /** Of the outermost user namespace around it; 0 is root of the machine. */
  readonly ownerUid: number;
}

export interface Member {
  readonly cgroup: Cgroup;
  /** Of the process, as the kernel counts. */
  readonly startTime: number;
  readonly pair: Pair;
}

export class Namespace implements About {
  readonly key: number;
  /** All that the kernel reported of it. */
  readonly pairs: Pair[] = [];
  /** Whose room it takes; kept by `NamespaceTable`. */
  share = "";
  readonly #nowMs: () => number;
  readonly #heardOfAtMs: number;
  #member: Member | undefined;
  /** What was made of the container's resource last, so that one resource stays one object. */
  #pod: { readonly from: ResolvedSubject; readonly made: ResolvedSubject } | undefined;

  constructor(key: number, nowMs: () => number) {
    this.key = key;
    this.#nowMs = nowMs;
    this.#heardOfAtMs = nowMs();
  }

  add(member: Member): void {
    if (this.#member === undefined || isBetter(member, this.#member)) this.#member = member;
  }

  get member(): Member | undefined {
    return this.#member;
  }

  get isKnown(): boolean {
    return this.#member !== undefined;
  }

  /** Its owner is a container or a pod. */
  get isContained(): boolean {
    return this.#member?.cgroup.isContained === true;
  }

  get isGone(): boolean {
    return this.#member?.cgroup.goneAtMs !== undefined;
  }

  get resolved(): ResolvedSubject {
    if (this.#member === undefined) return unknown;
    const { resolved } = this.#member.cgroup;
    if (resolved.attributes["k8s.pod.uid"] === undefined) return resolved;
    if (this.#pod?.from !== resolved) {
      const made = { attributes: keepPod(resolved.attributes), attribution: resolved.attribution };
      this.#pod = { from: resolved, made };
    }
    return this.#pod.made;
  }

  get isPending(): boolean {
    return this.#member?.cgroup.isPending ?? this.#nowMs() - this.#heardOfAtMs < NEW_MS;
  }
}

/** A runtime's helpers run in a container's namespace before the container does, in a cgroup of the host. */
function isBetter(member: Member, before: Member): boolean {
  const [isContained, wasContained] = [member.cgroup.isContained, before.cgroup.isContained];
  return isContained === wasContained ? member.startTime < before.startTime : isContained;
}

function keepPod(attributes: SubjectAttributes): SubjectAttributes {
  const kept = Object.entries(attributes).filter(
    ([name]) => !name.startsWith("container.") && !name.startsWith("k8s.container."),
  );
  return Object.fromEntries(kept) as SubjectAttributes;
}
