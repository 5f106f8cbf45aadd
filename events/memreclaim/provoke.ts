/** Waits for memory: tasks that get pages only after they freed some themselves. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, ftruncateSync, openSync, readSync, statfsSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CannotProvokeError } from "#test/provoke/cannot-provoke.ts";
import type { TestCgroup } from "#test/provoke/cgroup.ts";
import { WatchedShell } from "#test/provoke/watched-shell.ts";

/** A process (`dd`) in the cgroup reads a file of this size. Returns its pid when it has ended. */
export async function provokeMemcgReclaim(cgroup: TestCgroup, sizeBytes: number): Promise<number> {
  using cache = await fillPageCache(cgroup, sizeBytes);
  return cache.pid;
}

/** The same, and the file's pages stay, as memory of the cgroup, until disposed. */
export async function fillPageCache(
  cgroup: TestCgroup,
  sizeBytes: number,
): Promise<Disposable & { readonly pid: number }> {
  const file = openSparseFile(sizeBytes);
  const close = (): void => {
    closeSync(file);
  };
  try {
    const script = 'echo $$ >"$0/cgroup.procs" && exec dd of=/dev/null bs=1M';
    const reader = spawn("sh", ["-c", script, cgroup.directory], { stdio: [file, "ignore", "ignore"] });
    const code = await new Promise((resolve) => {
      reader.once("close", resolve);
    });
    if (code !== 0) throw new Error(`dd ended with ${String(code)}`);
    return { pid: reader.pid ?? 0, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A process (`sh`) in the cgroup `writer` writes to a file of another one. Returns its pid when it has ended. */
export async function writeFrom(writer: TestCgroup, path: string, value: string): Promise<number> {
  const script = 'echo $$ >"$0/cgroup.procs" && echo "$2" >"$1"';
  const child = spawn("sh", ["-c", script, writer.directory, path, value], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [code, complaint] = await Promise.all([
    new Promise((resolve) => {
      child.once("close", resolve);
    }),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`sh ended with ${String(code)}: ${complaint}`);
  return child.pid ?? 0;
}

/**
 * A process (`tail`) in the cgroup takes memory above its memory.high, of which none can be freed, so that the kernel
 * makes it sleep; until disposed.
 */
export function grow(cgroup: TestCgroup): AsyncDisposable & { readonly pid: number } {
  const child = spawn("sh", ["-c", 'echo $$ >"$0/cgroup.procs" && exec tail /dev/zero', cgroup.directory], {
    stdio: "ignore",
  });
  const closed = new Promise((resolve) => {
    child.once("close", resolve);
  });
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** include/uapi/linux/magic.h: there a hole takes no page cache. */
const TMPFS_MAGIC = 0x01021994;

/** A file without a name, whose holes become pages of the cgroup that reads them, without touching the disk. */
function openSparseFile(sizeBytes: number): number {
  const candidates = [tmpdir(), "/var/tmp", process.cwd()];
  const folder = candidates.find((path) => existsSync(path) && statfsSync(path).type !== TMPFS_MAGIC);
  if (folder === undefined) throw new CannotProvokeError(`none of ${candidates.join(", ")} is on a disk`);
  const path = join(folder, `kerntel-${randomBytes(8).toString("hex")}`);
  const file = openSync(path, "wx+");
  unlinkSync(path);
  ftruncateSync(file, sizeBytes);
  return file;
}

const hugePages = `
set -e
cd /proc/sys/vm
before=$(cat nr_hugepages)
trap 'echo "$before" >nr_hugepages' EXIT
available() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
wanted=$(((($(available MemFree) + $(available Cached) / 2) / $(available Hugepagesize))))
echo ready
read -r _
sh -c 'echo "$0" >/proc/sys/vm/nr_hugepages' "$wanted" &
wait $!
echo $!
cat >/dev/null
`;

/** Less than a huge page, and what is cut into such pieces, once free and once held. */
const PIECE_BYTES = 64 * 1024;
const FRAGMENTED_BYTES = 128 * 1024 * 1024;

/** Free memory in small pieces between pages that can be moved: without that a machine that has just started needs no compaction. */
function fragmentMemory(): Disposable {
  const given = openSparseFile(FRAGMENTED_BYTES);
  const held = openSparseFile(FRAGMENTED_BYTES);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let at = 0; at < FRAGMENTED_BYTES; at += PIECE_BYTES)
    for (const file of [given, held]) readSync(file, piece, 0, PIECE_BYTES, at);
  closeSync(given);
  return {
    [Symbol.dispose]: (): void => {
      closeSync(held);
    },
  };
}

/**
 * Asks for huge pages that are only to be had from the page cache: direct reclaim and compaction by one process, whose
 * pid it returns. It takes nearly all memory for a moment, so only for a machine that is thrown away.
 */
export async function provokeDirectReclaim(): Promise<number> {
  using fragments = fragmentMemory();
  void fragments;
  await using shell = await WatchedShell.start("this kernel has no huge pages", hugePages, []);
  return Number(await shell.ask("go"));
}
