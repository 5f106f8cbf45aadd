/**
 * One `Owner` for each container, pod, unit and user that a remembered cgroup is in; gone with the last of its cgroups. Of
 * several directories with the id of one container the first that root made has it, and no user ever has an id of root's.
 */
import type { Cgroup } from "./cgroup.ts";
import type { PathContainer, PathPod } from "./cgroup-identity.ts";
import { Owner, describeContainer, describePod } from "./owner.ts";
import type { OwnerKind } from "./owner.ts";
import type { SubjectAttributes } from "./resolved-subject.ts";
import { isUsers } from "./trust.ts";
import type { Trust } from "./trust.ts";

export class Owners {
  readonly #byKey = new Map<string, Owner>();
  /** Containers of users by the key that a container of root's with the same id would have. */
  readonly #ofUsers = new Map<string, Set<Owner>>();

  readonly #onKnown: (owner: Owner) => void;

  /** `onKnown`: a runtime or the kubelet has confirmed one of them. */
  constructor(onKnown: (owner: Owner) => void = () => {}) {
    this.#onKnown = onKnown;
  }

  /** Undefined where the id is another directory's. */
  containerOf(named: PathContainer, cgroup: Cgroup, trust: Trust): Owner | undefined {
    return isUsers(trust) ? this.#ofUser(named, cgroup, trust.ownerUid) : this.#ofRoot(named, cgroup, trust);
  }

  #ofRoot(named: PathContainer, cgroup: Cgroup, { isProven, ownerUid }: Trust): Owner | undefined {
    const key = keyOf(named);
    for (const root of this.#byKey.get(key)?.roots ?? []) {
      if (!root.isBeside(cgroup)) continue;
      // What has ended may run again elsewhere, where root says so; what was only heard of gives way to what root made.
      const givesWay = isProven && (!root.standing.isProven || root.goneAtMs !== undefined);
      if (!givesWay) return undefined;
    }
    const owned = ownerUid === 0 ? {} : { "kerntel.container.owner.uid": ownerUid };
    return this.get(key) ?? this.#make(key, "container", { ...describeContainer(named), ...owned });
  }

  /** A container that a user runs. Where the id is another directory's it has none. */
  #ofUser(named: PathContainer, cgroup: Cgroup, uid: number): Owner {
    const [key, ownKey] = [keyOf(named), `user ${uid} ${keyOf(named)}`];
    const rivals = [...(this.get(ownKey)?.roots ?? [])].filter(
      (root) => root.goneAtMs === undefined && root.isBeside(cgroup),
    );
    const owned = { "kerntel.container.owner.uid": uid };
    if (this.#byKey.has(key) || rivals.length > 0)
      return this.#take(`user ${uid} container`, "container", owned);
    // A pod is named by a directory above, which is the user's too.
    const { id, runtime } = named;
    const fromPath = describeContainer(runtime === undefined ? { id } : { id, runtime });
    const owner = this.#take(ownKey, "container", { ...fromPath, ...owned });
    owner.rootKey = key;
    this.#ofUsers.set(key, (this.#ofUsers.get(key) ?? new Set()).add(owner));
    return owner;
  }

  pod(named: PathPod): Owner {
    return this.#take(`pod ${named.uid}`, "pod", describePod(named));
  }

  unit(name: string, uid: number): Owner {
    const owned = uid === 0 ? {} : { "kerntel.cgroup.owner.uid": uid };
    return this.#take(`unit ${name} ${uid}`, "unit", { "kerntel.systemd.unit": name, ...owned });
  }

  user(uid: number): Owner {
    return this.#take(`user ${uid}`, "user", { "kerntel.cgroup.owner.uid": uid });
  }

  /** Of a container that its runtime alone knows: a directory's own. */
  adopted(path: string): Owner {
    return this.#make(`cgroup ${path} ${++this.#adoptedCount}`, "container", {});
  }
  #adoptedCount = 0;

  /** The cgroups that lose an id because this one has it: those that nobody proved, and those of users. */
  displacedBy(cgroup: Cgroup): Cgroup[] {
    const { owner, isProven } = cgroup.standing;
    if (owner?.kind !== "container") return [];
    const ofUsers = [...(this.#ofUsers.get(owner.key) ?? [])].flatMap(({ roots }) => Array.from(roots));
    const unproven = [...owner.roots].filter((root) => !root.standing.isProven && root.isBeside(cgroup));
    return isProven ? [...ofUsers, ...unproven] : ofUsers;
  }

  /** The cgroup belongs to another owner than before. */
  move(cgroup: Cgroup, before: Owner | undefined, owner: Owner | undefined): void {
    if (before === owner) return;
    if (owner !== undefined) owner.cgroupCount++;
    this.release(cgroup, before);
  }

  release(cgroup: Cgroup, owner: Owner | undefined): void {
    owner?.roots.delete(cgroup);
    if (owner === undefined || --owner.cgroupCount > 0) return;
    this.#byKey.delete(owner.key);
    const ofUsers = this.#ofUsers.get(owner.rootKey ?? "");
    ofUsers?.delete(owner);
    if (ofUsers?.size === 0) this.#ofUsers.delete(owner.rootKey ?? "");
  }

  /** `key`: the id of a container. */
  get(key: string): Owner | undefined {
    return this.#byKey.get(key);
  }

  all(): Iterable<Owner> {
    return this.#byKey.values();
  }

  get size(): number {
    return this.#byKey.size;
  }

  #take(key: string, kind: OwnerKind, fromPath: SubjectAttributes): Owner {
    return this.#byKey.get(key) ?? this.#make(key, kind, fromPath);
  }

  #make(key: string, kind: OwnerKind, fromPath: SubjectAttributes): Owner {
    const owner = new Owner(key, { kind, fromPath, onKnown: this.#onKnown });
    this.#byKey.set(key, owner);
    return owner;
  }
}

/** Names of machines (LXC, nspawn) are only their runtime's. */
function keyOf({ id, runtime }: PathContainer): string {
  return /^[0-9a-f]{64}$/.test(id) ? id : `${runtime} ${id}`;
}
