/**
 * What Node made of the sources in an earlier guest, without which it starts half as fast. Every guest has the same processor, so
 * it is good for all of them. It leaves a guest as an archive on a disk of its own.
 */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";

/** In a guest's root, and where things stay from run to run. */
export const COMPILE_CACHE = "compile-cache";

/** Some thousand sources of a few KiB; an archive that does not fit is not taken. */
const DISK_BYTES = 128 * 1024 * 1024;

/** Undefined before the first guest has ended well. */
export function findCompileCache(cacheFolder: string): string | undefined {
  const folder = join(cacheFolder, COMPILE_CACHE);
  return existsSync(folder) ? folder : undefined;
}

export function makeCacheDisk(path: string): void {
  const file = openSync(path, "w");
  ftruncateSync(file, DISK_BYTES);
  closeSync(file);
}

/** Node checks each piece before it uses it: half an archive does no harm. */
export function takeCacheDisk(path: string, cacheFolder: string): void {
  spawnSync("tar", ["-xf", path, "-C", cacheFolder], { stdio: "ignore" });
}
