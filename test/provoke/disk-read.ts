/** Reads of a disk by a process in a cgroup whose hierarchy accounts for them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CannotProvokeError } from "./cannot-provoke.ts";
import { makeCgroup } from "./cgroup.ts";
import type { TestCgroup } from "./cgroup.ts";

const ROOT = "/sys/fs/cgroup";

/** On the hierarchy that has the controller of block devices. */
export function makeBlockCgroup(path: string): TestCgroup {
  if (existsSync(join(ROOT, "blkio/cgroup.procs"))) return makeCgroup(join(ROOT, "blkio"), path, false);
  const controllers = join(ROOT, "cgroup.controllers");
  if (!existsSync(controllers) || !readFileSync(controllers, "utf8").includes("io"))
    throw new CannotProvokeError("no cgroup hierarchy with the controller of block devices is mounted");
  writeFileSync(join(ROOT, "cgroup.subtree_control"), "+io");
  return makeCgroup(ROOT, path, true);
}

/** A loop device of which nothing is in a cache; `$0`: the cgroup. Somebody else may take the free one first. */
const script = `
set -e
[ -e /dev/loop-control ] || modprobe loop
image=$(mktemp)
truncate -s 1M "$image"
trap 'losetup -d "$loop"; rm "$image"' EXIT
for try in 1 2 3 4 5; do
  loop=$(losetup -f)
  losetup "$loop" "$image" && break || loop=
done
sh -c 'echo $$ > "$0/cgroup.procs" && exec dd if="$1" of=/dev/null bs=4k count=1' "$0" "$loop"
`;

/** Needs a free loop device. */
export function readDisk(directory: string): void {
  const { status, stderr } = spawnSync("sh", ["-c", script, directory], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the disk could not be read: ${stderr}`);
}
