/** One remembered cgroup: where it is, and what it is in. */
import type { Owner } from "./owner.ts";
import { isCutPath } from "./cgroup-path.ts";
import { estimateBytes } from "./cgroup-retention.ts";
import { hostByPath, unknown } from "./resolved-subject.ts";
import type { About, ResolvedSubject } from "./resolved-subject.ts";

/** A cgroup of a version 1 hierarchy and its twin in the unified one are one. */
export interface CgroupId {
  readonly hierarchy: number;
  readonly id: bigint;
}

export class Cgroup implements About {
  readonly path: string;
  /** Whose part of the room it takes: `user …` or `container …`; `undefined`: made by root, in no container. */
  readonly share: string | undefined;
  /** Of what is made below it, where root gave it to a user. */
  shareBelow: string | undefined;
  readonly sizeBytes: number;
  /** Directories that have this path now. */
  readonly ids: CgroupId[] = [];
  /** The innermost first; empty where it is in nothing that has a name. */
  owners: readonly Owner[];
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

  constructor(path: string, owners: readonly Owner[], share?: string) {
    this.path = path;
    this.owners = owners;
    this.share = share;
    this.sizeBytes = estimateBytes(path, owners.length);
  }

  /** The innermost owner that somebody knows: of a container in a container the runtime of this machine knows only the outer. */
  get owner(): Owner | undefined {
    return this.owners.find(({ isKnown }) => isKnown) ?? this.owners[0];
  }

  get resolved(): ResolvedSubject {
    return this.owner?.resolved ?? (isCutPath(this.path) ? unknown : hostByPath);
  }

  /** In a container or a pod, and not only in a unit of systemd. */
  get isContained(): boolean {
    return this.owners.length > 0 && this.resolved.attributes["kerntel.systemd.unit"] === undefined;
  }

  /** Below a directory that root gave to a user. */
  get isUsers(): boolean {
    return this.share?.startsWith("user ") === true;
  }

  get isPending(): boolean {
    return this.askedCount > 0;
  }
}
