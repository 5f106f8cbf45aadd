/** A disk that fails: a loop device whose file became shorter answers reads with an error. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CannotProvokeError } from "./cannot-provoke.ts";
import { WatchedShell } from "./watched-shell.ts";

/** $1: an empty folder. */
const script = `
set -e
folder=$1 loop=
[ -e /dev/loop-control ] || modprobe loop
mount -t tmpfs -o size=2m tmpfs "$folder"
take_back() {
  [ -z "$loop" ] || losetup -d "$loop"
  umount "$folder"
  rmdir "$folder"
}
trap take_back EXIT
truncate -s 1M "$folder/image"
# Somebody else may take the free one first.
for try in 1 2 3 4 5; do
  loop=$(losetup -f)
  losetup "$loop" "$folder/image" && break || loop=
done
[ -n "$loop" ]
truncate -s 0 "$folder/image"
echo "$loop"
# In the middle: whoever looked for a partition table has left the beginning in memory.
while read -r _; do
  if dd if="$loop" of=/dev/null bs=4k skip=128 count=1 2>"$folder/complaint"; then echo read; else grep -m1 'dd:' "$folder/complaint"; fi
done
`;

export interface FailingDisk extends AsyncDisposable {
  /** For example `/dev/loop3`. */
  readonly device: string;
  /** Reads it, and returns what `dd` said. Throws `CannotProvokeError` where the kernel gives zeros for what a file lacks. */
  read(): Promise<string>;
}

/** Needs a free loop device. */
export async function makeFailingDisk(): Promise<FailingDisk> {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-failing-"));
  try {
    const shell = await WatchedShell.startIsolated("no disk can be made to fail", script, [folder]);
    return {
      device: shell.greeting,
      read: async () => {
        const said = await shell.ask("read");
        // Without direct I/O on tmpfs (6.6), drivers/block/loop.c fills up with zeros.
        if (said === "read")
          throw new CannotProvokeError("the loop driver gives zeros for what a file lacks");
        return said;
      },
      [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
