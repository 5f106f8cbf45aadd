/** The cgroups that are there already: one walk through each hierarchy that is mounted. */
import { readFileSync } from "node:fs";
import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { decodeKernelText, encodeKernelText } from "bpf-loader-napi";
import type { MadeDirectory } from "./cgroup-directory.ts";
import { makerOf } from "./making.ts";
import type { Delegate, DirectoryOwner } from "./making.ts";

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

/** So many directories are read of one hierarchy, and of what one directory has below that root gave to a user. */
export interface WalkLimits {
  readonly all: number;
  readonly belowDelegate: number;
}

/** As many as are remembered. */
const LIMITS: WalkLimits = { all: 16_384, belowDelegate: 1_024 };

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

/** A directory whose entries are to be read. */
interface Waiting extends DirectoryOwner, Delegate {
  readonly path: string;
  readonly id: bigint;
}

/**
 * Directories, parents first, those of root before those of users. A hierarchy is left out where only a part of it is
 * mounted (a cgroup namespace): its paths would begin somewhere else than the kernel's. What goes while it is walked is
 * left out too, and so is what is beyond the limits: returns whether there was more.
 */
export async function walkCgroups(
  { number, directory }: Hierarchy,
  tell: (found: MadeDirectory) => void,
  limits: WalkLimits = LIMITS,
): Promise<boolean> {
  const { ino, uid, mode } = await stat(directory, { bigint: true });
  if (ino !== ROOT_ID) return false;
  const root = { path: "", id: ino, uid: Number(uid), mode: Number(mode), delegateId: 0n, delegateUid: 0 };
  tell(describe(number, { ...root, path: "/" }, root));
  const hasRoom = countDirectories(limits);
  const [waiting, ofUsers]: [Waiting[], Waiting[]] = [[root], []];
  let hasMore = false;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop() ?? ofUsers.pop()) {
    for await (const entry of readEntries(toBytes(directory, next.path))) {
      if (!hasRoom(next.delegateId)) {
        hasMore = true;
        break;
      }
      const path = `${next.path}/${decodeKernelText(entry.name)}`;
      const found = await lookAt(directory, path, next);
      if (found === undefined) continue;
      tell(describe(number, found, next));
      (found.delegateId === 0n ? waiting : ofUsers).push(found);
    }
  }
  return hasMore;
}

async function lookAt(
  directory: string,
  path: string,
  { delegateId, delegateUid }: Delegate,
): Promise<Waiting | undefined> {
  const found = await stat(toBytes(directory, path), { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  const { ino: id, uid, mode } = found;
  const isFirst = delegateId === 0n && uid !== 0n;
  return {
    path,
    id,
    uid: Number(uid),
    mode: Number(mode),
    delegateId: isFirst ? id : delegateId,
    delegateUid: isFirst ? Number(uid) : delegateUid,
  };
}

function describe(hierarchy: number, found: Waiting, above: Waiting): MadeDirectory {
  const { id, path, delegateId, delegateUid } = found;
  const making = { makerUid: makerOf(found, above), isForeign: false, delegateId, delegateUid };
  return { hierarchy, id, path, parentId: above.id, making };
}

/** Counts one more directory, where the limits allow it. */
function countDirectories(limits: WalkLimits): (delegateId: bigint) => boolean {
  const below = new Map<bigint, number>();
  let all = 0;
  return (delegateId) => {
    const count = below.get(delegateId) ?? 0;
    if (all >= limits.all || (delegateId !== 0n && count >= limits.belowDelegate)) return false;
    all++;
    below.set(delegateId, count + 1);
    return true;
  };
}

/** Directories in it, one after the other: a user may have made any number. */
async function* readEntries(path: Buffer): AsyncGenerator<Dirent<Buffer>> {
  // Node's types know only names that are text.
  const options = { encoding: "buffer" as BufferEncoding };
  const directory = await opendir(path, options).catch(() => undefined);
  if (directory === undefined) return;
  // The iterator closes it.
  for await (const entry of directory as unknown as AsyncIterable<Dirent<Buffer>>)
    if (entry.isDirectory()) yield entry;
}

/** Not every name of a cgroup is UTF-8. */
function toBytes(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(directory), encodeKernelText(path)]);
}
