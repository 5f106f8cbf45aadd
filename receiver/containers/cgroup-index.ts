/** Cgroups by their hierarchy and id, and by their path. */
import type { Cgroup } from "./cgroup.ts";
import { isCutPath, isSamePath } from "./cgroup-path.ts";

export class CgroupIndex {
  /** By hierarchy and id. An id counts up from boot and is far below 2^53; Maps are flatter with numbers than with bigints. */
  readonly #byId = new Map<number, Map<number, Cgroup>>();
  readonly #byPath = new Map<string, Cgroup>();

  /** `hierarchies`: where an id is looked for, in this order. */
  constructor(hierarchies: readonly number[]) {
    for (const hierarchy of hierarchies) this.#byId.set(hierarchy, new Map());
  }

  follows(hierarchy: number): boolean {
    return this.#byId.has(hierarchy);
  }

  withId(hierarchy: number, id: bigint): Cgroup | undefined {
    return this.#byId.get(hierarchy)?.get(Number(id));
  }

  withPath(path: string): Cgroup | undefined {
    return this.#byPath.get(path);
  }

  /** The one that a record is about: the path that it brought tells the same id of two hierarchies apart. */
  find(id: bigint, path: string): Cgroup | undefined {
    for (const ids of this.#byId.values()) {
      const cgroup = ids.get(Number(id));
      if (cgroup !== undefined && isSamePath(cgroup.path, path)) return cgroup;
    }
    return undefined;
  }

  /** The nearest one above that is known by its path; nothing is known of what is above a path that is cut. */
  nearest(path: string): Cgroup | undefined {
    if (isCutPath(path)) return undefined;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const above = this.#byPath.get(path.slice(0, end));
      if (above !== undefined) return above;
    }
    return path === "/" ? undefined : this.#byPath.get("/");
  }

  setId(hierarchy: number, id: bigint, cgroup: Cgroup): void {
    cgroup.ids.push({ hierarchy, id });
    this.#byId.get(hierarchy)?.set(Number(id), cgroup);
  }

  setPath(cgroup: Cgroup): void {
    this.#byPath.set(cgroup.path, cgroup);
  }

  forget(cgroup: Cgroup): void {
    if (this.#byPath.get(cgroup.path) === cgroup) this.#byPath.delete(cgroup.path);
    for (const { hierarchy, id } of cgroup.ids)
      if (this.withId(hierarchy, id) === cgroup) this.#byId.get(hierarchy)?.delete(Number(id));
  }
}
