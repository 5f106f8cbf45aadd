/** Which cgroup has which id, and where it is, also for some time after it is gone. Bounded by `CgroupRetention`. */
import { Cgroup } from "./cgroup.ts";
import { CgroupIndex } from "./cgroup-index.ts";
import { joinPath } from "./cgroup-path.ts";
import { isTwin, shareOf } from "./cgroup-kinship.ts";
import { CgroupRetention } from "./cgroup-retention.ts";
import type { RetentionOptions } from "./cgroup-retention.ts";
import { isByRoot } from "./making.ts";
import type { Making } from "./making.ts";
import { CgroupTree } from "./cgroup-tree.ts";
import type { Place } from "./cgroup-tree.ts";
import type { Owner } from "./owner.ts";
import type { Owners } from "./owners.ts";
import type { TenantRoots } from "./tenant.ts";

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

/** A directory that was made, or found there. */
export interface MadeDirectory {
  readonly hierarchy: number;
  readonly id: bigint;
  readonly path: string;
  /** Of the directory above it. */
  readonly parentId: bigint;
  readonly making: Making;
}

export class CgroupDirectory {
  readonly #tree = new CgroupTree((cgroup) => {
    this.#retention.setShare(cgroup, shareOf(cgroup));
  });
  readonly #index: CgroupIndex;
  readonly #retention: CgroupRetention;
  readonly #onNew: (cgroup: Cgroup) => void;
  #foundById = 0;
  #foundByPath = 0;
  #missed = 0;

  /** `hierarchies`: where an id is looked for, in this order. */
  constructor(hierarchies: readonly number[], options: DirectoryOptions = {}) {
    this.#index = new CgroupIndex(hierarchies);
    this.#retention = new CgroupRetention(options);
    this.#onNew = options.onNew ?? ((): void => {});
  }

  get owners(): Owners {
    return this.#tree.owners;
  }
  get tenants(): TenantRoots {
    return this.#tree.tenants;
  }

  /**
   * What a record is about. `path` is what the record brought, `""` where that could not be had: with it the ids of
   * several hierarchies are told apart, and a cgroup is found that nobody told of.
   */
  find(id: bigint, path: string): Cgroup | undefined {
    const cgroup = this.#index.find(id, path);
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
    return this.#index.find(id, path)?.path ?? path;
  }

  /** The path of a cgroup that is named by what it is in. */
  pathBelow(hierarchy: number, parentId: bigint, name: string): string {
    const path = joinPath(this.#index.withId(hierarchy, parentId)?.path, name);
    return path.length > LONGEST_PATH ? joinPath(undefined, name) : path;
  }

  add(directory: MadeDirectory): void {
    const { hierarchy, id, path, making } = directory;
    if (!this.#index.follows(hierarchy) || path === "") return;
    const delegate = making.delegateId === id ? undefined : this.#index.withId(hierarchy, making.delegateId);
    // Root gave it away after it was made, which no tracepoint reports.
    if (delegate !== undefined) this.#tree.give(delegate, making.delegateUid);
    const before = this.#index.withId(hierarchy, id);
    if (before !== undefined && before.path !== path) this.remove(hierarchy, id);
    if (before?.path === path) this.#learn(before, directory);
    else this.#enter(directory);
  }

  #enter(directory: MadeDirectory): void {
    const { hierarchy, id, path, making } = directory;
    const place = this.#placeOf(directory);
    const made = new Cgroup(path);
    made.isDelegate = making.delegateId === id;
    this.#tree.join(made, place);
    const known = this.#index.withPath(path);
    const isSame = known !== undefined && isTwin(known, made, hierarchy);
    const cgroup = isSame ? known : made;
    const wasProven = cgroup.standing.isProven;
    this.#index.setId(hierarchy, id, cgroup);
    if (isSame) {
      place.parent?.children.delete(made);
      this.#learn(known, directory);
    }
    this.#retention.setLive(cgroup);
    this.#tree.settle(cgroup);
    if (!isSame) this.#take(made, known);
    // Until now only a record had named it: answers may not have been believed.
    else if (!wasProven && cgroup.standing.isProven) this.#onNew(cgroup);
    this.#sweep(cgroup);
  }

  remove(hierarchy: number, id: bigint): void {
    // Its twin of another hierarchy goes within the same moment: the first one decides.
    this.#tree.close(hierarchy, id);
    const cgroup = this.#index.withId(hierarchy, id);
    this.#retire(cgroup);
    if (cgroup !== undefined) this.#sweep(cgroup);
  }

  /** Only version 1 renames, within the same directory. What is below has moved too. */
  rename(directory: MadeDirectory): void {
    const { hierarchy, id, path } = directory;
    const before = this.#index.withId(hierarchy, id);
    if (before === undefined || before.path === path) {
      this.add(directory);
      return;
    }
    const moved = before.below();
    // A new name from root does not make it root's.
    const isRoots = before.making === undefined || isByRoot(before.making);
    this.add({ ...directory, making: isRoots ? directory.making : (before.making ?? directory.making) });
    for (const cgroup of moved) {
      const [inner, above] = [cgroup, cgroup.parent].map((each) => each?.idIn(hierarchy));
      if (inner === undefined || above === undefined || cgroup.making === undefined) continue;
      const innerPath = path + cgroup.path.slice(before.path.length);
      this.add({ hierarchy, id: inner, path: innerPath, parentId: above, making: cgroup.making });
    }
  }

  /** After a walk: what was known before the directories above it takes its place below them. */
  rejoin(): void {
    for (const cgroup of Array.from(this.#retention.all())) {
      if (cgroup.isDirect || cgroup.path === "/") continue;
      const parent = this.#index.nearest(cgroup.path);
      if (parent === undefined || parent === cgroup.parent) continue;
      this.#tree.join(cgroup, { parent, isDirect: false, making: cgroup.making });
      this.#tree.settle(cgroup);
    }
  }

  /** `path`: of a container's cgroup, as its runtime says it. Returns the owner of what is in it, the cgroup among it. */
  adopt(cgroup: Cgroup, path: string): Owner {
    let top = cgroup;
    while (top.path !== path && top.parent !== undefined) top = top.parent;
    return this.#tree.adopt(top.path === path ? top : cgroup);
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

  all(): Iterable<Cgroup> {
    return this.#retention.all();
  }

  #findByPath(path: string): Cgroup {
    const known = this.#index.withPath(path);
    if (known !== undefined && known.ids.length > 0) return known;
    const cgroup = known ?? new Cgroup(path);
    this.#retention.setGone(cgroup);
    if (known === undefined) {
      this.#tree.join(cgroup, { parent: this.#index.nearest(path), isDirect: false, making: undefined });
      this.#tree.settle(cgroup);
      this.#take(cgroup, undefined);
    }
    this.#sweep(cgroup);
    return cgroup;
  }

  #placeOf({ hierarchy, path, parentId, making }: MadeDirectory): Place {
    if (path === "/") return { parent: undefined, isDirect: true, making };
    const above = this.#index.withId(hierarchy, parentId);
    return { parent: above ?? this.#index.nearest(path), isDirect: above !== undefined, making };
  }

  /** What was above a known directory may not have been known. */
  #learn(cgroup: Cgroup, directory: MadeDirectory): void {
    const { id, making } = directory;
    const place = this.#placeOf(directory);
    const isMoved = place.isDirect && (!cgroup.isDirect || cgroup.parent !== place.parent);
    if (isMoved || cgroup.making === undefined) {
      if (cgroup.making === undefined) cgroup.isDelegate = making.delegateId === id;
      this.#tree.join(cgroup, { ...place, making: cgroup.making ?? making });
      this.#tree.settle(cgroup);
    }
    if (making.delegateId === id && isByRoot(making)) this.#tree.give(cgroup, making.delegateUid);
  }

  /** `known`: what had its path until now. */
  #take(cgroup: Cgroup, known: Cgroup | undefined): void {
    // Of two hierarchies one may be a user's: there it is another directory that has the same path.
    const isOther = known?.goneAtMs === undefined && known?.sharesHierarchy(cgroup) === false;
    if (!isOther) this.#retire(known);
    if (!isOther || cgroup.standing.isProven) this.#index.setPath(cgroup);
    this.#onNew(cgroup);
  }

  #retire(cgroup: Cgroup | undefined): void {
    if (cgroup !== undefined && cgroup.goneAtMs === undefined) this.#retention.setGone(cgroup);
  }

  #sweep(changed: Cgroup): void {
    for (const cgroup of this.#retention.sweep(changed)) this.#forget(cgroup);
  }

  #forget(cgroup: Cgroup): void {
    this.#tree.leave(cgroup);
    this.#index.forget(cgroup);
  }
}
