/** Decides what each cgroup belongs to when it appears, and decides anew for all below where something above becomes known. */
import type { Cgroup } from "./cgroup.ts";
import { isByRoot } from "./making.ts";
import type { Making } from "./making.ts";
import type { Owner } from "./owner.ts";
import { Owners } from "./owners.ts";
import { decideStanding } from "./standing.ts";
import type { Standing } from "./standing.ts";
import { TenantRoots } from "./tenant.ts";

export interface Place {
  /** The nearest one above it that is known. */
  readonly parent: Cgroup | undefined;
  /** No other directory is between them. */
  readonly isDirect: boolean;
  /** Undefined where only a record has named it. */
  readonly making: Making | undefined;
}

export class CgroupTree {
  readonly owners: Owners;
  readonly tenants: TenantRoots = new TenantRoots();
  readonly #onMoved: (cgroup: Cgroup) => void;

  /** `onMoved`: what it belongs to was decided, and may be something else than before. */
  constructor(onMoved: (cgroup: Cgroup) => void) {
    this.#onMoved = onMoved;
    this.owners = new Owners((owner) => {
      for (const root of owner.roots) this.settle(root);
    });
  }

  /** Puts it below its parent. `settle` it then. */
  join(cgroup: Cgroup, { parent, isDirect, making }: Place): void {
    cgroup.parent?.children.delete(cgroup);
    cgroup.parent = parent;
    parent?.children.add(cgroup);
    cgroup.isDirect = isDirect;
    cgroup.making = making;
    if (making !== undefined && isByRoot(making) && cgroup.isDelegate) cgroup.givenToUid = making.delegateUid;
  }

  /** Root gives a directory to a user: what was and what will be made in it is the user's. That is never taken back. */
  give(cgroup: Cgroup, uid: number): void {
    if (uid === 0 || cgroup.givenToUid !== 0 || cgroup.standing.owner?.kind === "container") return;
    cgroup.givenToUid = uid;
    this.settle(cgroup, true);
  }

  /** The owner of a container that only its runtime could tell from any other directory. */
  adopt(top: Cgroup): Owner {
    if (top.owner?.kind === "container") return top.owner;
    top.adopted = this.owners.adopted(top.path);
    this.settle(top);
    return top.adopted;
  }

  /** Decides what it belongs to, and where that has changed, what all below it belong to. */
  settle(top: Cgroup, isForBelow = false): void {
    const waiting = [top];
    for (let cgroup = waiting.pop(); cgroup !== undefined; cgroup = waiting.pop()) {
      const isMoved = this.#decide(cgroup);
      if (isMoved || (isForBelow && cgroup === top)) waiting.push(...cgroup.children);
    }
  }

  /** Of a directory that has been removed. */
  close(hierarchy: number, id: bigint): void {
    this.tenants.delete({ hierarchy, cgroupId: id });
  }

  /** It is forgotten. */
  leave(cgroup: Cgroup): void {
    for (const { hierarchy, id } of cgroup.ids) this.close(hierarchy, id);
    cgroup.parent?.children.delete(cgroup);
    this.owners.release(cgroup, cgroup.owner);
  }

  /** Whether that is something else than before. */
  #decide(cgroup: Cgroup): boolean {
    const before = cgroup.standing;
    const standing = decideStanding(cgroup, this.owners);
    const isSame = isEqual(before, standing);
    if (!isSame) cgroup.standing = standing;
    this.owners.move(cgroup, before.owner, standing.owner);
    this.#onMoved(cgroup);
    this.#noteRoot(cgroup);
    return !isSame;
  }

  #noteRoot(cgroup: Cgroup): void {
    const { owner, tenant } = cgroup.standing;
    const above = cgroup.parent?.standing;
    const isTenantRoot = tenant.key !== (above?.tenant.key ?? "host");
    const isOpen = isTenantRoot && cgroup.goneAtMs === undefined;
    for (const { hierarchy, id } of cgroup.ids)
      if (isOpen) this.tenants.set({ tenant, hierarchy, cgroupId: id });
      else this.close(hierarchy, id);
    if (owner === above?.owner) {
      owner?.roots.delete(cgroup);
      return;
    }
    owner?.roots.add(cgroup);
    for (const displaced of this.owners.displacedBy(cgroup)) this.settle(displaced);
  }
}

function isEqual(left: Standing, right: Standing): boolean {
  return (
    left === right ||
    (left.isProven === right.isProven &&
      left.ownerUid === right.ownerUid &&
      left.owner === right.owner &&
      left.nestedId === right.nestedId &&
      left.tenant.key === right.tenant.key &&
      left.tenant.ownerUid === right.tenant.ownerUid)
  );
}
