/** Whether a socket or file is who it says: nobody but root, or this user, could have put it where it is. */
import { findTrustedUsers, isShared, walkPath, WRITABLE_BY_OTHERS } from "./path-walk.ts";

/**
 * What makes it possible that another user put this there, as part of a sentence; `undefined` where nothing does. Root, or this user,
 * must own each directory and link on the way, and it. Throws the file system's errors.
 */
export function findDistrust(path: string): string | undefined {
  const trusted = findTrustedUsers();
  for (const { place, found, isLast } of walkPath(path)) {
    const kind = found.isSymbolicLink() ? "a symbolic link of" : "which belongs to";
    if (!trusted.has(found.uid)) {
      return found.isSymbolicLink() || !isLast
        ? `it is reached by ${place}, ${kind} user ${found.uid}`
        : `it belongs to user ${found.uid}`;
    }
    if (found.isSymbolicLink()) continue;
    if (!isLast && isShared(found)) return `it is reached by ${place}, which other users can write`;
    // To write a socket is to connect to it, and its group is meant to.
    if (isLast && !found.isSocket() && (found.mode & WRITABLE_BY_OTHERS) !== 0)
      return "other users can write it";
  }
  return undefined;
}
