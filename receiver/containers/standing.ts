/**
 * What a cgroup belongs to. It is inherited from the directory above; a name counts only where nobody but root of the
 * initial user namespace can have given it.
 */
import type { Cgroup } from "./cgroup.ts";
import { readCgroupIdentity } from "./cgroup-identity.ts";
import type { CgroupIdentity } from "./cgroup-identity.ts";
import { isCutPath, namesOf } from "./cgroup-path.ts";
import type { Owner } from "./owner.ts";
import type { Owners } from "./owners.ts";
import { hostTenant, tenantOf } from "./tenant.ts";
import type { Tenant } from "./tenant.ts";
import { isUsers, trustOf } from "./trust.ts";
import type { Trust } from "./trust.ts";

export interface Standing extends Trust {
  /** What records in it are about; undefined for the host. */
  readonly owner: Owner | undefined;
  /** The innermost container within the one that owns it. That name was given inside, so it is data and no identity. */
  readonly nestedId: string | undefined;
  readonly tenant: Tenant;
}

/** Of a cgroup whose directory nobody has shown yet. */
export const noStanding: Standing = {
  isProven: false,
  ownerUid: 0,
  owner: undefined,
  nestedId: undefined,
  tenant: hostTenant,
};

export function decideStanding(cgroup: Cgroup, owners: Owners): Standing {
  const above = cgroup.parent?.standing ?? noStanding;
  if (above.owner?.kind === "container" && !isSupervisor(cgroup)) return inherit(cgroup, above);
  const trust = trustOf(cgroup);
  const { owner, nestedId } = findOwner(cgroup, trust, owners);
  const uid = trust.ownerUid === 0 && owner?.kind !== "container" ? cgroup.givenToUid : trust.ownerUid;
  const standing = { ...trust, ownerUid: uid, owner, nestedId };
  return { ...standing, tenant: tenantOf(standing, above) };
}

/** Everything in a container is the container's, whoever made it there and whatever it is called. */
function inherit(cgroup: Cgroup, above: Standing): Standing {
  const nested = readCgroupIdentity(cgroup.path, namesAbove(cgroup)).containers[0]?.id ?? above.nestedId;
  if (!above.isProven && nested === above.nestedId) return above;
  return { ...above, isProven: false, nestedId: nested };
}

/** systemd-nspawn watches its container from a directory beside the container's own. */
function isSupervisor({ path, parent, making }: Cgroup): boolean {
  const isRoot = parent?.standing.owner !== parent?.parent?.standing.owner;
  const isMonitored =
    parent?.standing.owner?.resolved.attributes["container.runtime.name"] === "systemd-nspawn";
  return isRoot && isMonitored && making?.makerUid === 0 && path.endsWith("/supervisor");
}

type Found = Pick<Standing, "owner" | "nestedId">;

function findOwner(cgroup: Cgroup, trust: Trust, owners: Owners): Found {
  const { path, parent, adopted, givenToUid } = cgroup;
  const above = parent?.standing.owner;
  if (adopted !== undefined) return { owner: adopted, nestedId: undefined };
  if (isCutPath(path)) return { owner: above, nestedId: undefined };
  const identity = readCgroupIdentity(path, namesAbove(cgroup));
  const [innermost, container] = [identity.containers[0], identity.containers.at(-1)];
  const owner = container && owners.containerOf(container, cgroup, trust);
  if (owner !== undefined) return { owner, nestedId: innermost === container ? undefined : innermost?.id };
  if (isUsers(trust)) return { owner: above ?? owners.user(trust.ownerUid), nestedId: undefined };
  const uid = trust.ownerUid === 0 ? givenToUid : trust.ownerUid;
  return { owner: findPodOrUnit(identity, uid, owners) ?? above, nestedId: undefined };
}

function findPodOrUnit({ pod, unit }: CgroupIdentity, uid: number, owners: Owners): Owner | undefined {
  if (pod !== undefined) return owners.pod(pod);
  if (unit !== undefined) return owners.unit(unit, uid);
  return uid === 0 ? undefined : owners.user(uid);
}

/** How many of its names were looked at before, when the directories above it were. */
function namesAbove({ path, parent }: Cgroup): number {
  const count = namesOf(path).length;
  return parent === undefined ? 0 : Math.min(namesOf(parent.path).length, count - 1);
}
