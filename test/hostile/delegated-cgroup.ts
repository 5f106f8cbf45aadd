/**
 * A cgroup that belongs to a user, on every hierarchy that is mounted, as systemd makes it for `user@UID.service`
 * (`Delegate=`, systemd.resource-control(5)): the directory and the files by which processes and cgroups are moved are the user's;
 * the files with limits stay root's.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";

const ROOT = "/sys/fs/cgroup";

/** cg_set_access() of systemd, src/shared/cgroup-setup.c; the kernel's own list is in /sys/kernel/cgroup/delegate. */
const delegatedFiles = {
  1: ["cgroup.procs", "tasks", "cgroup.clone_children"],
  2: ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "memory.oom.group", "memory.reclaim"],
} as const;

/** The cgroup that holds the processes: one with processes of its own cannot hand controllers down (version 2). */
const LEAF = "init.scope";

export interface Hierarchy {
  readonly version: 1 | 2;
  /** Its mount point. */
  readonly root: string;
  /** What of `memory` and `pids` it controls. */
  readonly controllers: readonly string[];
}

export interface DelegatedDirectory extends Hierarchy {
  /** The user's directory; what is below it is the user's to make. */
  readonly directory: string;
  /** Where its processes start, which is below. */
  readonly leaf: string;
}

/** What was made so far by this process and still stands: a second user may share the directories above its own. */
const madeDirectories: Set<string> = new Set<string>();

/** Those that a user may get: the unified one, systemd's own, and those with the controllers `memory` and `pids`. */
export function findHierarchies(): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const root of [ROOT, join(ROOT, "unified")]) {
    if (!existsSync(join(root, "cgroup.controllers"))) continue;
    const available = readFileSync(join(root, "cgroup.controllers"), "utf8").trim().split(" ");
    found.push({
      version: 2,
      root,
      controllers: ["memory", "pids"].filter((name) => available.includes(name)),
    });
  }
  for (const name of ["systemd", "memory", "pids"]) {
    const root = join(ROOT, name);
    if (!existsSync(join(root, "tasks"))) continue;
    found.push({ version: 1, root, controllers: name === "systemd" ? [] : [name] });
  }
  if (found.length === 0) throw new CannotProvokeError(`no cgroup hierarchy is mounted below ${ROOT}`);
  return found;
}

/** Makes the directory `path`, and those above it, and gives it to the user; `uid` is its group too. */
export function delegate(hierarchy: Hierarchy, path: string, uid: number): DelegatedDirectory {
  const { root, version, controllers } = hierarchy;
  const directory = join(root, path);
  const above = path.split("/").filter(Boolean).slice(0, -1);
  for (let depth = 0; depth <= above.length; depth++) {
    const parent = join(root, ...above.slice(0, depth));
    makeDirectory(parent);
    if (version === 2 && controllers.length > 0) {
      const wanted = controllers.map((name) => `+${name}`).join(" ");
      writeFileSync(join(parent, "cgroup.subtree_control"), wanted);
    }
  }
  if (existsSync(directory)) throw new CannotProvokeError(`${directory} is there already`);
  makeDirectory(directory);
  chownDirectory(directory, version, uid);
  const leaf = join(directory, LEAF);
  mkdirSync(leaf);
  chownDirectory(leaf, version, uid);
  return { ...hierarchy, directory, leaf };
}

/** The directories above that this process made, lowest first: those that no other user still needs can be removed. */
export function madeAbove({ directory, root }: DelegatedDirectory): string[] {
  const made: string[] = [];
  for (let each = dirname(directory); each !== root && each.startsWith(root); each = dirname(each))
    if (madeDirectories.has(each)) made.push(each);
  return made;
}

function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  mkdirSync(directory);
  madeDirectories.add(directory);
}

function chownDirectory(directory: string, version: 1 | 2, uid: number): void {
  chownSync(directory, uid, uid);
  for (const name of delegatedFiles[version]) {
    const file = join(directory, name);
    if (existsSync(file)) chownSync(file, uid, uid);
  }
}
