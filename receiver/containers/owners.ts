/** One `Owner` for each container, pod and unit that a remembered cgroup is in; gone with the last of its cgroups. */
import { readCgroupIdentity } from "./cgroup-identity.ts";
import type { PathContainer } from "./cgroup-identity.ts";
import { Owner, describeContainer, describePod } from "./owner.ts";
import type { SubjectAttributes } from "./resolved-subject.ts";

export class Owners {
  readonly #byKey = new Map<string, Owner>();

  /** Those that the path names, the innermost first. */
  ofPath(path: string): Owner[] {
    const { containers, pod, unit } = readCgroupIdentity(path);
    if (containers.length > 0)
      return containers.map((container) => this.take(keyOf(container), describeContainer(container)));
    if (pod !== undefined) return [this.take(`pod ${pod.uid}`, describePod(pod))];
    if (unit !== undefined) return [this.take(`unit ${unit}`, { "kerntel.systemd.unit": unit })];
    return [];
  }

  /** One that a cgroup is in; give it back with `release`. */
  take(key: string, fromPath: SubjectAttributes): Owner {
    const owner = this.#byKey.get(key) ?? new Owner(key, fromPath);
    this.#byKey.set(key, owner);
    owner.cgroupCount++;
    return owner;
  }

  release(owners: readonly Owner[]): void {
    for (const owner of owners) if (--owner.cgroupCount === 0) this.#byKey.delete(owner.key);
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
}

/** Names of machines (LXC, nspawn) are only their runtime's. */
function keyOf({ id, runtime }: PathContainer): string {
  return /^[0-9a-f]{64}$/.test(id) ? id : `${runtime} ${id}`;
}
