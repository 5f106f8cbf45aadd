/** Directories that a user makes in its own cgroup, with names that container runtimes use. */
import type { UnprivilegedUser } from "./unprivileged-user.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;

/** Makes the directories, hands the memory controller down to them, and sets a limit: all of it is the user's own to write. */
const enter = `
cd "$1"
for part in $(echo "$2" | tr / ' '); do
  [ ! -f cgroup.subtree_control ] || echo +memory >cgroup.subtree_control
  mkdir -p "$part" && cd "$part" || exit 1
done
for file in memory.limit_in_bytes memory.max; do [ ! -f "$file" ] || echo "$3" >"$file"; done
[ ! -f memory.swap.max ] || echo 0 >memory.swap.max
echo $$ >cgroup.procs || exit 1
`;

/**
 * A process of the user takes memory in the cgroup `path`, which is below the user's own, until it is killed. Returns
 * the whole path below the root of the hierarchy.
 */
export async function dieInCgroup(user: UnprivilegedUser, path: string): Promise<string> {
  const { directory } = user.cgroup("memory");
  const args = [directory, path, String(LIMIT_BYTES)];
  const { signal, code, err } = await user.shell(`${enter}exec tail /dev/zero`, { args }).ended;
  if (signal !== "SIGKILL" && code !== 137)
    throw new Error(`the process in ${path} ended with ${String(code)}: ${err}`);
  return `${user.cgroupPath}/${path}`;
}

/** A process of the user (`dd`) waits for memory in the cgroup `path` below the user's own. Returns the whole path. */
export async function waitInCgroup(user: UnprivilegedUser, path: string): Promise<string> {
  const { directory } = user.cgroup("memory");
  const pages = 'cd "$HOME" && exec dd if=/dev/zero of=pages bs=256k count=96 2>/dev/null';
  const args = [directory, path, String(LIMIT_BYTES)];
  const { code, err } = await user.shell(`${enter}${pages}`, { args }).ended;
  if (code !== 0) throw new Error(`dd in ${path} ended with ${String(code)}: ${err}`);
  return `${user.cgroupPath}/${path}`;
}

/**
 * In each of so many cgroups, named as Docker names a container's, a process of the user waits for memory at its limit: `dd`
 * reads a file that is larger. Returns their ids.
 */
export async function makeUpContainers(user: UnprivilegedUser, count: number): Promise<string[]> {
  const { directory } = user.cgroup("memory");
  const ids = Array.from({ length: count }, (_, index) => index.toString(16).padStart(64, "0"));
  const script = `
[ ! -f "$1/cgroup.subtree_control" ] || echo +memory >"$1/cgroup.subtree_control"
dd if=/dev/zero of="$HOME/pages" bs=1M count=4 2>/dev/null
for id in $(seq 0 $(($2 - 1))); do
  cgroup="$1/docker-$(printf %064x "$id").scope"
  mkdir "$cgroup" || exit 1
  for file in memory.limit_in_bytes memory.max; do [ ! -f "$cgroup/$file" ] || echo 1048576 >"$cgroup/$file"; done
  sh -c 'echo $$ >"$0/cgroup.procs" && exec dd if="$1" of="$1.copy" bs=256k 2>/dev/null' "$cgroup" "$HOME/pages"
done
`;
  const { code, err, isTimedOut } = await user.shell(script, {
    args: [directory, String(count)],
    limitMs: 60_000,
  }).ended;
  if (code !== 0) throw new Error(`containers could not be made up (${String(code)}, ${isTimedOut}): ${err}`);
  return ids;
}
