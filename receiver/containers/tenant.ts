/**
 * Whose share it is: each cgroup belongs to one tenant, the one whose root directory is nearest above it. Roots are made by
 * root of the initial user namespace and are never below a container's root, so nobody can add one by making directories.
 */
import type { Owner } from "./owner.ts";
import type { Standing } from "./standing.ts";
import type { Trust } from "./trust.ts";

/** The tenants of this machine are its containers, the units of systemd, its users, and the host itself for all that is left. */
export type TenantKind = "container" | "unit" | "user" | "host";

export interface Tenant {
  readonly kind: TenantKind;
  /** The same for all directories of one tenant, and of no other: `container ID`, `unit NAME`, `user UID`, `host`. */
  readonly key: string;
  /** In the initial user namespace; 0 where root owns it. */
  readonly ownerUid: number;
  /** Of a container: as its log records and its series have it. */
  readonly containerId?: string;
}

/** A directory below which everything belongs to a tenant, down to the root of another one. */
export interface TenantRoot {
  readonly tenant: Tenant;
  /** 0 is the unified one. A container has one root in each hierarchy that is followed. */
  readonly hierarchy: number;
  /** Inode number of the directory; no other directory of this hierarchy has it until the machine is booted again. */
  readonly cgroupId: bigint;
}

export interface TenantFollower {
  /** Also called for a root whose tenant is another one now, without `removed` before. */
  appeared(root: TenantRoot): void;
  /** The directory is gone, or belongs to the tenant above it from now on. */
  removed(root: TenantRoot): void;
}

export const hostTenant: Tenant = { kind: "host", key: "host", ownerUid: 0 };

/** `above`: of the directory above it. */
export function tenantOf(
  { isProven, ownerUid, owner }: Omit<Standing, "tenant">,
  above: Pick<Standing, "tenant" | "ownerUid">,
): Tenant {
  const container =
    owner?.kind === "container" && isVouchedFor(owner, { isProven, ownerUid }) ? owner : undefined;
  const containerId = container?.resolved.attributes["container.id"];
  if (container !== undefined && containerId !== undefined)
    return { kind: "container", key: `container ${container.key}`, ownerUid, containerId };
  // Below a user's slice and a unit's directory the names are theirs.
  const isTheirs = above.tenant.kind === "user" || (above.tenant.kind === "unit" && !isProven);
  if (ownerUid !== 0 && isTheirs) return above.tenant;
  return ownTenant({ isProven, ownerUid, owner }, above);
}

function ownTenant(
  { isProven, ownerUid, owner }: Pick<Standing, "isProven" | "ownerUid" | "owner">,
  above: Pick<Standing, "tenant" | "ownerUid">,
): Tenant {
  const unit = owner?.resolved.attributes["kerntel.systemd.unit"];
  if (unit !== undefined && isProven && above.ownerUid === 0)
    return { kind: "unit", key: `unit ${unit}`, ownerUid };
  return ownerUid === 0 ? above.tenant : { kind: "user", key: `user ${ownerUid}`, ownerUid };
}

/** A runtime has confirmed it, or root of the initial user namespace made its directory outside of what users have. */
function isVouchedFor({ isKnown }: Owner, { isProven, ownerUid }: Trust): boolean {
  return isKnown || (isProven && ownerUid === 0);
}

/** The roots that there are, and those who follow them. */
export class TenantRoots {
  readonly #roots = new Map<string, TenantRoot>();
  readonly #followers = new Set<TenantFollower>();

  /** Calls `appeared` for each root that is there, and from then on as roots come and go. Dispose it to end that. */
  follow(follower: TenantFollower): Disposable {
    this.#followers.add(follower);
    for (const root of this.#roots.values()) follower.appeared(root);
    return {
      [Symbol.dispose]: () => {
        this.#followers.delete(follower);
      },
    };
  }

  set(root: TenantRoot): void {
    const key = keyOf(root);
    const before = this.#roots.get(key)?.tenant;
    if (before?.key === root.tenant.key && before.ownerUid === root.tenant.ownerUid) return;
    this.#roots.set(key, root);
    for (const follower of this.#followers) follower.appeared(root);
  }

  delete(place: Pick<TenantRoot, "hierarchy" | "cgroupId">): void {
    const key = keyOf(place);
    const root = this.#roots.get(key);
    if (root === undefined) return;
    this.#roots.delete(key);
    for (const follower of this.#followers) follower.removed(root);
  }

  get size(): number {
    return this.#roots.size;
  }
}

function keyOf({ hierarchy, cgroupId }: Pick<TenantRoot, "hierarchy" | "cgroupId">): string {
  return `${hierarchy} ${cgroupId}`;
}
