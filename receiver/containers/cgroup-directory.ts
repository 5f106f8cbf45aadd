/** Which cgroup has which id, also for some time after it is gone. Bounded by `CgroupRetention`. */
import { Cgroup } from "./cgroup.ts";
import { isSamePath, joinPath } from "./cgroup-path.ts";
import { CgroupRetention } from "./cgroup-retention.ts";
import type { RetentionOptions } from "./cgroup-retention.ts";
import { Owners } from "./owners.ts";
import { TenantRoots } from "./tenant.ts";

/** PATH_MAX: what is deeper can be reached only step by step, and its names are not worth the memory. */
const LONGEST_PATH = 4_096;

export interface DirectoryOptions extends RetentionOptions {
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

interface MadeCgroup {
  readonly hierarchy: number;
  readonly id: bigint;
  readonly path: string;
  readonly delegateId: bigint;
}

export class CgroupDirectory {
  readonly owners: Owners = new Owners();
  readonly tenants: TenantRoots = new TenantRoots();
  /** By hierarchy and id. An id counts up from boot and is far below 2^53; Maps are flatter with numbers than with bigints. */
  readonly #byId = new Map<number, Map<number, Cgroup>>();
  readonly #byPath = new Map<string, Cgroup>();
  readonly #retention: CgroupRetention;
  readonly #onNew: (cgroup: Cgroup) => void;
  #foundById = 0;
  #foundByPath = 0;
  #missed = 0;

  /** `hierarchies`: where an id is looked for, in this order. */
  constructor(hierarchies: readonly number[], options: DirectoryOptions = {}) {
    for (const hierarchy of hierarchies) this.#byId.set(hierarchy, new Map());
    this.#retention = new CgroupRetention(options);
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

  /**
   * A directory that was made, or found there. `delegateId`: the topmost directory on the way to it that is not root's; `0n`
   * where all are.
   */
  add(hierarchy: number, id: bigint, path: string, delegateId = 0n): void {
    const ids = this.#byId.get(hierarchy);
    if (ids === undefined || path === "") return;
    const before = ids.get(Number(id));
    if (before?.path === path) return;
    if (before !== undefined) this.remove(hierarchy, id);
    const known = this.#byPath.get(path);
    const isSame = known !== undefined && isTwin(known, hierarchy);
    if (!isSame) this.#retire(known);
    const cgroup = isSame ? known : this.#make(path, this.#shareOf({ hierarchy, id, path, delegateId }));
    if (delegateId === id) cgroup.shareBelow = shareBelow(path);
    cgroup.ids.push({ hierarchy, id });
    ids.set(Number(id), cgroup);
    this.#retention.setLive(cgroup);
    if (!isSame) this.#onNew(cgroup);
    this.#sweep(cgroup);
  }

  remove(hierarchy: number, id: bigint): void {
    // Its twin of another hierarchy goes within the same moment: the first one decides.
    const cgroup = this.#byId.get(hierarchy)?.get(Number(id));
    this.#retire(cgroup);
    if (cgroup !== undefined) this.#sweep(cgroup);
  }

  /** Only version 1 renames. What is below has moved too. */
  rename(hierarchy: number, id: bigint, path: string, delegateId = 0n): void {
    const before = this.#byId.get(hierarchy)?.get(Number(id))?.path;
    if (before === undefined || before === path) {
      this.add(hierarchy, id, path, delegateId);
      return;
    }
    const moved = [...(this.#byId.get(hierarchy) ?? [])].filter(
      ([, cgroup]) => cgroup.path === before || cgroup.path.startsWith(`${before}/`),
    );
    for (const [inner, cgroup] of moved)
      this.add(hierarchy, BigInt(inner), path + cgroup.path.slice(before.length), delegateId);
  }

  counts(): DirectoryCounts {
    for (const cgroup of this.#retention.sweepAll()) this.#forget(cgroup);
    return {
      ...this.#retention.counts(),
      owners: this.owners.size,
      evicted: this.#retention.evicted,
      foundById: this.#foundById,
      foundByPath: this.#foundByPath,
      missed: this.#missed,
    };
  }

  /** All that are remembered, living and gone. */
  all(): Iterable<Cgroup> {
    return this.#retention.all();
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
    const cgroup = this.#byPath.get(path) ?? this.#make(path, this.#shareAt(path));
    if (cgroup.ids.length > 0) return cgroup;
    const isNew = cgroup.goneAtMs === undefined;
    this.#retention.setGone(cgroup);
    if (isNew) this.#onNew(cgroup);
    this.#sweep(cgroup);
    return cgroup;
  }

  #retire(cgroup: Cgroup | undefined): void {
    if (cgroup === undefined || cgroup.goneAtMs !== undefined) return;
    this.#retention.setGone(cgroup);
  }

  #make(path: string, share: string | undefined): Cgroup {
    const cgroup = new Cgroup(path, this.owners.ofPath(path), share);
    this.#byPath.set(path, cgroup);
    return cgroup;
  }

  /** What is below a directory that root gave to a user is that user's; the directory itself is root's. */
  #shareOf({ hierarchy, id, path, delegateId }: MadeCgroup): string | undefined {
    if (delegateId === id) return undefined;
    if (delegateId === 0n) return this.#shareAt(path);
    // Given away after it was made, which no tracepoint reports.
    const delegate = this.#byId.get(hierarchy)?.get(Number(delegateId));
    if (delegate === undefined) return shareBelow(String(delegateId));
    delegate.shareBelow ??= shareBelow(delegate.path);
    return delegate.shareBelow;
  }

  /** What is below a container is that container's. */
  #shareAt(path: string): string | undefined {
    const above = this.#findAbove(path);
    const share = above?.shareBelow ?? above?.share;
    if (share !== undefined) return share;
    // A pod's containers are made by its runtime.
    const container = above?.owners.at(-1);
    return container?.isContainer === true ? `container ${container.key}` : undefined;
  }

  /** The lowest known cgroup that this one is below, also where those between are unknown. */
  #findAbove(path: string): Cgroup | undefined {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const cgroup = this.#byPath.get(path.slice(0, end));
      if (cgroup !== undefined) return cgroup;
    }
    return undefined;
  }

  #sweep(changed: Cgroup): void {
    for (const cgroup of this.#retention.sweep(changed)) this.#forget(cgroup);
  }

  #forget(cgroup: Cgroup): void {
    if (this.#byPath.get(cgroup.path) === cgroup) this.#byPath.delete(cgroup.path);
    for (const { hierarchy, id } of cgroup.ids) {
      const ids = this.#byId.get(hierarchy);
      if (ids?.get(Number(id)) === cgroup) ids.delete(Number(id));
    }
    this.owners.release(cgroup.owners);
  }
}

function shareBelow(directory: string): string {
  return `user ${directory}`;
}

/** A name that is used again is another container's: only a twin, or what records alone have told of, is the same. */
function isTwin({ ids, goneAtMs }: Cgroup, hierarchy: number): boolean {
  if (ids.length === 0) return true;
  return goneAtMs === undefined && ids.every((twin) => twin.hierarchy !== hierarchy);
}
