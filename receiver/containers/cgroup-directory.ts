/**
 * Which cgroup has which id, also for some time after it is gone. Bounded: of too many, the one that is gone longest is
 * forgotten first, and a living one only where none is gone.
 */
import { Cgroup } from "./cgroup.ts";
import { isSamePath, joinPath } from "./cgroup-path.ts";
import { Owners } from "./owners.ts";
import { TenantRoots } from "./tenant.ts";

/** At some 1.6 KiB each, 26 MiB in all (cgroup-directory.bench.ts): a node with a thousand pods has some five thousand. */
const CGROUPS = 16_384;
/** A record is read within a second; what runs late is a log that is read again, or a network namespace that lives on. */
const REMEMBERED_MS = 10 * 60 * 1_000;
/** PATH_MAX: what is deeper can be reached only step by step, and its names are not worth the memory. */
const LONGEST_PATH = 4_096;

export interface DirectoryOptions {
  readonly capacity?: number;
  readonly rememberedMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
  /** A cgroup that was not known, or is a new one of an old name. */
  readonly onNew?: (cgroup: Cgroup) => void;
}

export interface DirectoryCounts {
  readonly live: number;
  readonly gone: number;
  readonly owners: number;
  /** Forgotten before their time, for want of room. */
  readonly evicted: number;
  readonly foundById: number;
  readonly foundByPath: number;
  readonly missed: number;
}

export class CgroupDirectory {
  readonly owners: Owners = new Owners();
  readonly tenants: TenantRoots = new TenantRoots();
  /** By hierarchy and id. An id counts up from boot and is far below 2^53; Maps are flatter with numbers than with bigints. */
  readonly #byId = new Map<number, Map<number, Cgroup>>();
  readonly #byPath = new Map<string, Cgroup>();
  /** In the order they were made, and in the order they went. */
  readonly #live = new Set<Cgroup>();
  readonly #gone = new Set<Cgroup>();
  readonly #capacity: number;
  readonly #rememberedMs: number;
  readonly #nowMs: () => number;
  readonly #onNew: (cgroup: Cgroup) => void;
  #evicted = 0;
  #foundById = 0;
  #foundByPath = 0;
  #missed = 0;

  /** `hierarchies`: where an id is looked for, in this order. */
  constructor(hierarchies: readonly number[], options: DirectoryOptions = {}) {
    for (const hierarchy of hierarchies) this.#byId.set(hierarchy, new Map());
    this.#capacity = options.capacity ?? CGROUPS;
    this.#rememberedMs = options.rememberedMs ?? REMEMBERED_MS;
    this.#nowMs = options.nowMs ?? ((): number => performance.now());
    this.#onNew = options.onNew ?? ((): void => {});
  }

  /**
   * What a record is about. `path` is what the record brought, `""` where that could not be had: with it the ids of
   * several hierarchies are told apart, and a cgroup is found that nobody told of.
   */
  find(id: bigint, path: string): Cgroup | undefined {
    const cgroup = this.#findById(id, path);
    if (cgroup !== undefined) {
      this.#foundById++;
      return cgroup;
    }
    if (path === "") {
      this.#missed++;
      return undefined;
    }
    this.#foundByPath++;
    return this.#findByPath(path);
  }

  /** `path` as a record brought it, or the whole one where the record had no room and the cgroup is known. */
  wholePath(id: bigint, path: string): string {
    return this.#findById(id, path)?.path ?? path;
  }

  /** The path of a cgroup that is named by what it is in. */
  pathBelow(hierarchy: number, parentId: bigint, name: string): string {
    const path = joinPath(this.#byId.get(hierarchy)?.get(Number(parentId))?.path, name);
    return path.length > LONGEST_PATH ? joinPath(undefined, name) : path;
  }

  /** A directory that was made, or found there. */
  add(hierarchy: number, id: bigint, path: string): void {
    const ids = this.#byId.get(hierarchy);
    if (ids === undefined || path === "") return;
    const before = ids.get(Number(id));
    if (before?.path === path) return;
    if (before !== undefined) this.remove(hierarchy, id);
    const known = this.#byPath.get(path);
    const isSame = known !== undefined && isTwin(known, hierarchy);
    if (!isSame) this.#retire(known);
    const cgroup = isSame ? known : this.#make(path);
    cgroup.goneAtMs = undefined;
    cgroup.ids.push({ hierarchy, id });
    ids.set(Number(id), cgroup);
    this.#gone.delete(cgroup);
    this.#live.add(cgroup);
    if (!isSame) this.#onNew(cgroup);
    this.#sweep();
  }

  remove(hierarchy: number, id: bigint): void {
    // Its twin of another hierarchy goes within the same moment: the first one decides.
    this.#retire(this.#byId.get(hierarchy)?.get(Number(id)));
    this.#sweep();
  }

  /** Only version 1 renames. What is below has moved too. */
  rename(hierarchy: number, id: bigint, path: string): void {
    const before = this.#byId.get(hierarchy)?.get(Number(id))?.path;
    if (before === undefined || before === path) {
      this.add(hierarchy, id, path);
      return;
    }
    const moved = [...(this.#byId.get(hierarchy) ?? [])].filter(
      ([, cgroup]) => cgroup.path === before || cgroup.path.startsWith(`${before}/`),
    );
    for (const [inner, cgroup] of moved)
      this.add(hierarchy, BigInt(inner), path + cgroup.path.slice(before.length));
  }

  counts(): DirectoryCounts {
    this.#sweep();
    return {
      live: this.#live.size,
      gone: this.#gone.size,
      owners: this.owners.size,
      evicted: this.#evicted,
      foundById: this.#foundById,
      foundByPath: this.#foundByPath,
      missed: this.#missed,
    };
  }

  /** All that are remembered, living and gone. */
  *all(): Generator<Cgroup> {
    yield* this.#live;
    yield* this.#gone;
  }

  /** For an owner that only a name in the path stands for, as with containerd's own client. */
  at(path: string): Cgroup | undefined {
    return this.#byPath.get(path);
  }

  #findById(id: bigint, path: string): Cgroup | undefined {
    for (const ids of this.#byId.values()) {
      const cgroup = ids.get(Number(id));
      if (cgroup !== undefined && isSamePath(cgroup.path, path)) return cgroup;
    }
    return undefined;
  }

  #findByPath(path: string): Cgroup {
    const cgroup = this.#byPath.get(path) ?? this.#make(path);
    if (cgroup.ids.length > 0) return cgroup;
    const isNew = cgroup.goneAtMs === undefined;
    cgroup.goneAtMs = this.#nowMs();
    this.#gone.delete(cgroup);
    this.#gone.add(cgroup);
    if (isNew) this.#onNew(cgroup);
    this.#sweep();
    return cgroup;
  }

  #retire(cgroup: Cgroup | undefined): void {
    if (cgroup === undefined || cgroup.goneAtMs !== undefined) return;
    cgroup.goneAtMs = this.#nowMs();
    this.#live.delete(cgroup);
    this.#gone.add(cgroup);
  }

  #make(path: string): Cgroup {
    const cgroup = new Cgroup(path, this.owners.ofPath(path));
    this.#byPath.set(path, cgroup);
    return cgroup;
  }

  #sweep(): void {
    const oldestMs = this.#nowMs() - this.#rememberedMs;
    for (const cgroup of this.#gone) {
      if (this.#live.size + this.#gone.size > this.#capacity) this.#evicted++;
      else if ((cgroup.goneAtMs ?? 0) >= oldestMs) break;
      this.#forget(cgroup);
    }
    for (const cgroup of this.#live) {
      if (this.#live.size + this.#gone.size <= this.#capacity) break;
      this.#evicted++;
      this.#forget(cgroup);
    }
  }

  #forget(cgroup: Cgroup): void {
    this.#gone.delete(cgroup);
    this.#live.delete(cgroup);
    if (this.#byPath.get(cgroup.path) === cgroup) this.#byPath.delete(cgroup.path);
    for (const { hierarchy, id } of cgroup.ids) {
      const ids = this.#byId.get(hierarchy);
      if (ids?.get(Number(id)) === cgroup) ids.delete(Number(id));
    }
    this.owners.release(cgroup.owners);
  }
}

/** A name that is used again is another container's: only a twin, or what records alone have told of, is the same. */
function isTwin({ ids, goneAtMs }: Cgroup, hierarchy: number): boolean {
  if (ids.length === 0) return true;
  return goneAtMs === undefined && ids.every((twin) => twin.hierarchy !== hierarchy);
}
