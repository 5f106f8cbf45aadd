/** The cgroups that are there already: one walk through each hierarchy that is mounted. */
import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { decodeKernelText, encodeKernelText } from "bpf-loader-napi";

const MOUNTS = "/proc/self/mountinfo";
const CONTROLLERS = "/proc/cgroups";
/** kernfs gives the root of every hierarchy this number. */
const ROOT_ID = 1n;
/** Space, tab, newline and backslash, as show_mountinfo in fs/proc_namespace.c writes them. */
const ESCAPE = /\\([0-7]{3})/g;

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
 * The parameters stand for files of /proc.
 */
export function findTaskHierarchy(
  mounts: string = readFileSync(MOUNTS, "utf8"),
  readControllers: () => string = () => readFileSync(CONTROLLERS, "utf8"),
): number {
  // On version 2 alone the kernel would note in its log that somebody read that file.
  if (!/ - cgroup /.test(mounts)) return 0;
  const numbers = parseControllers(readControllers());
  return numbers.get("memory") ?? (numbers.get("cpu") || numbers.get("pids") || 0);
}

/** Where it and the unified one are mounted. */
export function findHierarchies(
  task: number,
  mounts: string = readFileSync(MOUNTS, "utf8"),
  readControllers: () => string = () => readFileSync(CONTROLLERS, "utf8"),
): Hierarchy[] {
  const numbers = task === 0 ? undefined : parseControllers(readControllers());
  return mounts.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type, , options = ""] = after.split(" ");
    const directory = unescapePath(before.split(" ")[4] ?? "");
    if (directory === "") return [];
    if (type === "cgroup2") return [{ number: 0, directory }];
    const isTask = type === "cgroup" && options.split(",").some((name) => numbers?.get(name) === task);
    return isTask ? [{ number: task, directory }] : [];
  });
}

function unescapePath(text: string): string {
  return text.replaceAll(ESCAPE, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** Hierarchy by controller, of those that are enabled. */
function parseControllers(text: string): Map<string, number> {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const enabled = lines.filter(([, , , isEnabled]) => isEnabled === "1");
  return new Map(enabled.map(([name = "", hierarchy]) => [name, Number(hierarchy)]));
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
    const options = { withFileTypes: true, encoding: "buffer" } as const;
    const entries = await readdir(toBytes(directory, path), options).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const inner = `${path}/${decodeKernelText(entry.name)}`;
      const found = await stat(toBytes(directory, inner), { bigint: true }).catch(() => undefined);
      if (found === undefined) continue;
      tell({ hierarchy: number, id: found.ino, path: inner });
      waiting.push(inner);
    }
  }
}

/** Not every name of a cgroup is UTF-8. */
function toBytes(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(directory), encodeKernelText(path)]);
}
