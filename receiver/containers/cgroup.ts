/** One remembered cgroup: where it is, and what it belongs to. */
import { isCutPath } from "./cgroup-path.ts";
import { estimateBytes } from "./cgroup-retention.ts";
import type { Making } from "./making.ts";
import type { Owner } from "./owner.ts";
import { hostByPath, unknown } from "./resolved-subject.ts";
import type { About, ResolvedSubject } from "./resolved-subject.ts";
import { noStanding } from "./standing.ts";
import { isUsers } from "./trust.ts";
import type { Standing } from "./standing.ts";

/** A cgroup of a version 1 hierarchy and its twin in the unified one are one. */
export interface CgroupId {
  readonly hierarchy: number;
  readonly id: bigint;
}

export class Cgroup implements About {
  readonly path: string;
  /** Directories that have this path now. */
  readonly ids: CgroupId[] = [];
  /** The nearest one above it that is known, and whether no other is between them. */
  parent: Cgroup | undefined;
  isDirect = false;
  readonly children: Set<Cgroup> = new Set<Cgroup>();
  /** Undefined where only records have named it. */
  making: Making | undefined;
  /** The user that root gave the directory to: what is below it is that user's. */
  givenToUid = 0;
  /** It is the topmost directory on the way to it that is not root's. */
  isDelegate = false;
  /** Whose part of the room it takes: `user …` or `container …`; `undefined`: made by root, in no container. */
  share: string | undefined;
  readonly sizeBytes: number;
  /** A container that only its runtime could tell from any other directory. */
  adopted: Owner | undefined;
  standing: Standing = noStanding;
  /** A record is about it, so that it is worth a lookup also after it is gone. */
  isNeeded = false;
  /** How many were asked about it and have not answered. */
  askedCount = 0;
  /** Somebody who may know did not answer when it was last asked about. */
  isLeftOpen = false;
  /** When it was last asked about; infinite where nobody could know more. */
  askedAtMs: number = Number.NEGATIVE_INFINITY;
  /** When its last directory was removed, or a record spoke of it that had none. */
  goneAtMs: number | undefined;

  constructor(path: string) {
    this.path = path;
    this.sizeBytes = estimateBytes(path, 1);
  }

  /** The container, pod, unit or user that it is in; undefined where that is the host. */
  get owner(): Owner | undefined {
    return this.standing.owner;
  }

  /** The uppermost one with the same owner. */
  get root(): Cgroup {
    const { owner, parent } = this;
    if (parent === undefined || parent.owner !== owner) return this;
    let root = parent;
    while (root.parent?.owner === owner && root.parent !== undefined) root = root.parent;
    return root;
  }

  get resolved(): ResolvedSubject {
    return this.owner?.resolved ?? (isCutPath(this.path) ? unknown : hostByPath);
  }

  get nestedId(): string | undefined {
    return this.standing.nestedId;
  }

  /** Below a directory that root gave to a user. */
  get isUsers(): boolean {
    return isUsers(this.standing);
  }

  /** In a container or a pod, and not only in a unit of systemd or a user's directory. */
  get isContained(): boolean {
    return this.owner?.kind === "container" || this.owner?.kind === "pod";
  }

  get isPending(): boolean {
    return this.askedCount > 0;
  }

  /** In that hierarchy. */
  idIn(hierarchy: number): bigint | undefined {
    return this.ids.find((each) => each.hierarchy === hierarchy)?.id;
  }

  sharesHierarchy(other: Cgroup): boolean {
    return this.ids.some(({ hierarchy }) => other.idIn(hierarchy) !== undefined);
  }

  /** All that are known below it, parents first. */
  below(): Cgroup[] {
    const found = [...this.children];
    for (const cgroup of found) found.push(...cgroup.children);
    return found;
  }

  /** Directories of the same hierarchy, or where it is not known which, may not both be one container's. */
  isBeside(other: Cgroup): boolean {
    if (this.path === other.path) return false;
    if (this.ids.length === 0 || other.ids.length === 0) return true;
    return this.sharesHierarchy(other);
  }
}
