/** The cgroups that are there already: one walk through each hierarchy that is mounted. */
import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** kernfs gives the root of every hierarchy this number. */
const ROOT_ID = 1n;

export interface Hierarchy {
  /** 0 is the unified one (/proc/cgroups). */
  readonly number: number;
  readonly directory: string;
}

export interface Found {
  readonly hierarchy: number;
  readonly id: bigint;
  readonly path: string;
}

/**
 * The version 1 hierarchy that records speak of, as bpf/include/cgroup.h chooses it; 0 where that is the unified one.
 * `cgroups`: the content of /proc/cgroups.
 */
export function findTaskHierarchy(cgroups: string = readFileSync("/proc/cgroups", "utf8")): number {
  const lines = cgroups.split("\n").map((line) => line.split("\t"));
  const controllers = new Map(
    lines.map(([name = "", hierarchy, , enabled]) => [name, { hierarchy: Number(hierarchy), enabled }]),
  );
  const memory = controllers.get("memory");
  if (memory?.enabled === "1") return memory.hierarchy;
  return controllers.get("cpu")?.hierarchy || controllers.get("pids")?.hierarchy || 0;
}

/** Where these hierarchies are mounted. `mounts`: the content of /proc/self/mountinfo. */
export function findHierarchies(
  wanted: number,
  cgroups: string = readFileSync("/proc/cgroups", "utf8"),
  mounts: string = readFileSync("/proc/self/mountinfo", "utf8"),
): Hierarchy[] {
  const numbers = new Map(
    cgroups.split("\n").map((line) => [line.split("\t")[0] ?? "", Number(line.split("\t")[1])]),
  );
  return mounts.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    const directory = before.split(" ")[4]?.replaceAll("\\040", " ");
    if (directory === undefined) return [];
    if (type === "cgroup2") return [{ number: 0, directory }];
    const isWanted =
      type === "cgroup" && wanted > 0 && options.split(",").some((name) => numbers.get(name) === wanted);
    return isWanted ? [{ number: wanted, directory }] : [];
  });
}

/**
 * Every directory, parents first. A hierarchy is left out where only a part of it is mounted (a cgroup namespace):
 * its paths would begin somewhere else than the kernel's. What goes while it is walked is left out too.
 */
export async function walkCgroups(
  { number, directory }: Hierarchy,
  tell: (found: Found) => void,
): Promise<void> {
  const root = await stat(directory, { bigint: true });
  if (root.ino !== ROOT_ID) return;
  tell({ hierarchy: number, id: root.ino, path: "/" });
  const waiting = [""];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entries = await readdir(join(directory, path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const inner = `${path}/${entry.name}`;
      const found = await stat(join(directory, inner), { bigint: true }).catch(() => undefined);
      if (found === undefined) continue;
      tell({ hierarchy: number, id: found.ino, path: inner });
      waiting.push(inner);
    }
  }
}
