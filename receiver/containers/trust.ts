/** Who can have given a cgroup its name. */
import type { Cgroup } from "./cgroup.ts";
import { isByRoot } from "./making.ts";

export interface Trust {
  /** It and every directory above it was made by root of the initial user namespace, in a directory of root's. */
  readonly isProven: boolean;
  /** The user in whose slice or directory it is; 0 for root's. */
  readonly ownerUid: number;
}

/** Only root makes directories in `/user.slice`, so the name of a user's slice is root's word. */
const USER_SLICE = /^\/user\.slice\/user-(\d{1,10})\.slice(?:\/|$)/;

export function trustOf(cgroup: Cgroup): Trust {
  const { path, parent, making } = cgroup;
  if (path === "/") return { isProven: true, ownerUid: 0 };
  const uidAbove = uidOfThoseAbove(cgroup);
  const isProven = uidAbove === 0 && isProvenAbove(cgroup) && making !== undefined && isByRoot(making);
  const sliceUid = Number(USER_SLICE.exec(path)?.[1] ?? 0);
  const uids = [parent?.standing.ownerUid, uidAbove, making?.makerUid, sliceUid];
  return { isProven, ownerUid: uids.find((uid) => uid !== undefined && uid !== 0) ?? 0 };
}

function uidOfThoseAbove({ parent, isDelegate, making }: Cgroup): number {
  const uid = isDelegate ? 0 : (making?.delegateUid ?? 0);
  return uid === 0 ? (parent?.givenToUid ?? 0) : uid;
}

/** Where the directory above is not known, the kernel has at least said whose those above are. */
function isProvenAbove({ parent, isDirect }: Cgroup): boolean {
  return !isDirect || parent?.standing.isProven === true;
}

/** Whether its names were given by an ordinary user. */
export function isUsers({ isProven, ownerUid }: Trust): boolean {
  return !isProven && ownerUid !== 0;
}
