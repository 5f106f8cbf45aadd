/** What a hostile user leaves behind is taken away: by a shell of root's, also when the test dies by whatever. */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { madeAbove } from "./delegated-cgroup.ts";
import type { DelegatedDirectory } from "./delegated-cgroup.ts";

/**
 * A fork bomb loses: nothing may fork from `pids.max` 0 on, and `cgroup.kill` kills a whole tree at once. What was made
 * below goes depth first. `$1` is the user's home; then the user's directories, `--`, and directories above them.
 */
const removal = `
cat >/dev/null
home=$1; shift
end_all() {
  [ ! -f "$1/pids.max" ] || echo 0 >"$1/pids.max"
  [ ! -f "$1/cgroup.kill" ] || echo 1 >"$1/cgroup.kill"
  find "$1" -name cgroup.procs 2>/dev/null | while read -r procs; do
    while read -r pid; do [ "$pid" -le 1 ] || kill -9 "$pid" 2>/dev/null; done 2>/dev/null <"$procs"
  done
}
while [ "$1" != -- ]; do
  tries=0
  while [ -d "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 500 ] || { echo "$1 stays busy" >&2; exit 1; }
    end_all "$1"
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -d "$1" ] || sleep 0.02
  done
  shift
done
shift
# What is above may have another user in it, who is the one to remove it then.
[ "$#" -eq 0 ] || rmdir "$@" 2>/dev/null
rm -rf "$home"
`;

/** Ends all processes of the user, and removes its cgroups and its home, when the returned function is called. */
export function watchRemains(home: string, delegated: readonly DelegatedDirectory[]): () => Promise<void> {
  const directories = delegated.map(({ directory }) => directory);
  const above = delegated.flatMap(madeAbove);
  const shell = spawn("sh", ["-c", removal, "sh", home, ...directories, "--", ...above], {
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
  // A test that forgets its user ends all the same.
  shell.unref();
  (shell.stdin as Socket).unref();
  (shell.stderr as Socket).unref();
  return async () => {
    shell.ref();
    shell.stdin.end();
    if ((await closed) !== 0) throw new Error(`what the user left cannot be removed: ${complaint.trim()}`);
  };
}
