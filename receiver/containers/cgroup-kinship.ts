/** How a cgroup is related to others: whose part of the room it takes, and which directories are one cgroup. */
import type { Cgroup } from "./cgroup.ts";
import { isCutPath } from "./cgroup-path.ts";
import { isUsers, trustOf } from "./trust.ts";

/** What is made in a container, or by a user, is a part of theirs. */
export function shareOf({ standing, path, parent }: Cgroup): string | undefined {
  if (isUsers(standing)) return `user ${standing.ownerUid}`;
  if (standing.owner?.kind === "container" && parent?.standing.owner === standing.owner)
    return `container ${standing.owner.key}`;
  return isCutPath(path) && !standing.isProven ? "unknown" : undefined;
}

/** A name that is used again is another container's: only a twin, or what records alone have told of, is the same. */
export function isTwin(known: Cgroup, made: Cgroup, hierarchy: number): boolean {
  if (known.ids.length === 0) return true;
  if (known.goneAtMs !== undefined || known.idIn(hierarchy) !== undefined) return false;
  const [its, own] = [trustOf(known), trustOf(made)];
  return known.parent === made.parent && its.isProven === own.isProven && its.ownerUid === own.ownerUid;
}
