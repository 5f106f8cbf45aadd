/** Tasks that hang: they write to an ext4 file system that was frozen, and wait until it is thawed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WatchedShell } from "#test/provoke/watched-shell.ts";

/** $1: an empty folder; $2: file that puts a task into its cgroup. */
const script = `
set -e
folder=$1 disk=$1/disk procs=$2
# Loop devices are a module on some kernels.
[ -e /dev/loop-control ] || modprobe loop
mount -t tmpfs -o size=20m tmpfs "$folder"
take_back() {
  fsfreeze --unfreeze "$disk" 2>/dev/null || :
  exec 3>&-
  wait
  umount "$disk" 2>/dev/null || :
  umount "$folder"
  rmdir "$folder"
}
trap take_back EXIT
mkdir "$disk"
truncate -s 16M "$folder/image"
mke2fs -F -q "$folder/image" >/dev/null
mount -t ext4 -o loop "$folder/image" "$disk"
exec 3>"$disk/shared"
fsfreeze --freeze "$disk"
echo ready
hang() {
  sh -c 'echo $$ >"$0" && shift && exec "$@"' "$procs" - "$@" &
  # Its shell may be blocked for a moment too, when it changes its cgroup.
  until grep -q "^Name:.$1" /proc/$!/status && grep -q '^State:.D' /proc/$!/status; do sleep 0.02; done
}
number=0
while read -r command; do
  case $command in
    touch) number=$((number + 1)); hang touch "$disk/$number" ;;
    # A write holds the position of a file that two have open, until it is done.
    write) hang dd if=/dev/zero bs=1 count=1 status=none >&3 ;;
  esac
  echo $!
done
`;

export interface FrozenFilesystem extends AsyncDisposable {
  /** Pid of a task that hangs until the file system is thawed, when this is disposed. */
  hangTouching(): Promise<number>;
  /** The same; from the second on they wait for a mutex that the first holds. */
  hangWriting(): Promise<number>;
}

/** `cgroupDirectory`: where the tasks that hang are to live. Needs loop devices and ext4. */
export async function freezeFilesystem(cgroupDirectory: string): Promise<FrozenFilesystem> {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-frozen-"));
  try {
    const args = [folder, join(cgroupDirectory, "cgroup.procs")];
    const shell = await WatchedShell.startIsolated("a file system cannot be frozen", script, args);
    return {
      hangTouching: async () => Number(await shell.ask("touch")),
      hangWriting: async () => Number(await shell.ask("write")),
      [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
