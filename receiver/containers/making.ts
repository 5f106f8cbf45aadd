/** By whom a directory of the cgroup hierarchy was made. Uids are those of the initial user namespace. */

/** The topmost directory on the way to one that is not root's, which may be that one itself. */
export interface Delegate {
  /** `0n` where all are root's. */
  readonly delegateId: bigint;
  readonly delegateUid: number;
}

export interface Making extends Delegate {
  /** Real uid of the task that made or renamed it. */
  readonly makerUid: number;
  /** Whether that task was in another user namespace than the initial one: root in there is not this machine's root. */
  readonly isForeign: boolean;
}

/** By root of the initial user namespace. */
export function isByRoot({ makerUid, isForeign }: Making): boolean {
  return makerUid === 0 && !isForeign;
}

/** What stat(2) shows of a directory. */
export interface DirectoryOwner {
  readonly uid: number;
  /** As `st_mode`. */
  readonly mode: number;
}

/** S_IWGRP | S_IWOTH */
const WRITABLE_BY_OTHERS = 0o022;

/** Who made a directory that was there before the kernel was followed. */
export function makerOf(found: DirectoryOwner, parent: DirectoryOwner): number {
  // Where only root can make directories, root made this one, whoever it was given to.
  const isRoots = parent.uid === 0 && (parent.mode & WRITABLE_BY_OTHERS) === 0;
  return isRoots ? 0 : found.uid;
}
