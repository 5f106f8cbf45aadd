/**
 * A cgroup made for one test and removed with everything in it, on a version 1 or version 2 hierarchy; also when the test
 * dies.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { CannotProvokeError } from "./cannot-provoke.ts";

const ROOT = "/sys/fs/cgroup";

export interface TestCgroup extends AsyncDisposable {
  /** Path below the root of its hierarchy. */
  readonly path: string;
  readonly directory: string;
  readonly isVersion2: boolean;
  write(file: string, value: string): void;
}

/**
 * On the hierarchy that has the memory controller. Throws, saying what is missing, where there is none. `limitBytes`:
 * undefined for none.
 */
export function makeMemoryCgroup(path: string, limitBytes?: number): TestCgroup {
  if (existsSync(join(ROOT, "memory/memory.limit_in_bytes"))) {
    const cgroup = makeCgroup(join(ROOT, "memory"), path, false);
    if (limitBytes !== undefined) cgroup.write("memory.limit_in_bytes", String(limitBytes));
    return cgroup;
  }
  if (!readFileSync(join(ROOT, "cgroup.controllers"), "utf8").includes("memory")) {
    throw new Error("no cgroup hierarchy with the memory controller is mounted below /sys/fs/cgroup");
  }
  writeFileSync(join(ROOT, "cgroup.subtree_control"), "+memory");
  const cgroup = makeCgroup(ROOT, path, true);
  if (limitBytes !== undefined) cgroup.write("memory.max", String(limitBytes));
  return cgroup;
}

/** One that holds no process, but other cgroups with memory limits of their own. */
export function makeMemoryParent(path: string, limitBytes?: number): TestCgroup {
  const cgroup = makeMemoryCgroup(path, limitBytes);
  if (cgroup.isVersion2) enableMemory(cgroup.directory);
  return cgroup;
}

/** On the unified hierarchy, which is where sockets remember their cgroup. */
export function makeUnifiedCgroup(path: string): TestCgroup {
  const root = [ROOT, join(ROOT, "unified")].find((directory) => existsSync(join(directory, "cgroup.procs")));
  if (root === undefined || !existsSync(join(root, "cgroup.controllers"))) {
    throw new Error("no unified cgroup hierarchy is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified");
  }
  return makeCgroup(root, path, true);
}

/** Where version 1 has one: `freezer.state` stops tasks in a way that looks like a disk's. */
export function makeFreezerCgroup(path: string): TestCgroup {
  const root = join(ROOT, "freezer");
  if (!existsSync(join(root, "cgroup.procs")))
    throw new CannotProvokeError("no version 1 hierarchy with the freezer is mounted below /sys/fs/cgroup");
  return makeCgroup(root, path, false);
}

export function makeCgroup(root: string, path: string, isVersion2: boolean): TestCgroup {
  const parts = path.split("/").filter(Boolean);
  const made: string[] = [];
  for (let depth = 1; depth <= parts.length; depth++) {
    const directory = join(root, ...parts.slice(0, depth));
    if (existsSync(directory)) continue;
    mkdirSync(directory);
    made.push(directory);
    // Controllers are handed down level by level, to every level but the one that holds processes.
    if (isVersion2 && depth < parts.length) enableMemory(directory);
  }
  const directory = join(root, ...parts);
  const remove = watchCgroups(made.toReversed());
  return {
    path,
    directory,
    isVersion2,
    write: (file, value) => {
      writeFileSync(join(directory, file), value);
    },
    [Symbol.asyncDispose]: remove,
  };
}

function enableMemory(directory: string): void {
  const controllers = readFileSync(join(directory, "cgroup.controllers"), "utf8");
  if (controllers.includes("memory")) writeFileSync(join(directory, "cgroup.subtree_control"), "+memory");
}

/** A cgroup whose last process was just killed stays busy for a moment. */
const removal = `
cat >/dev/null
for directory; do
  tries=0
  # What is frozen does not die.
  [ ! -f "$directory/freezer.state" ] || echo THAWED >"$directory/freezer.state"
  until rmdir "$directory" 2>/dev/null || [ ! -d "$directory" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 250 ] || { echo "$directory stays busy" >&2; exit 1; }
    while read -r pid; do kill -9 "$pid" 2>/dev/null; done <"$directory/cgroup.procs"
    sleep 0.02
  done
done
`;

/**
 * A shell that waits for the end of this process, or for the call that is returned, and then removes the cgroups with
 * everything in them.
 */
function watchCgroups(directories: readonly string[]): () => Promise<void> {
  const shell = spawn("sh", ["-c", removal, "sh", ...directories], {
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => {
    shell.once("close", resolve);
  });
  let complaint = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  // A test that forgets to remove its cgroup ends all the same.
  shell.unref();
  (shell.stdin as Socket).unref();
  (shell.stderr as Socket).unref();
  return async () => {
    shell.ref();
    shell.stdin.end();
    if ((await closed) !== 0) throw new Error(`a cgroup could not be removed: ${complaint.trim()}`);
  };
}
