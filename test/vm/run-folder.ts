import { existsSync, globSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** An empty folder of this process; those of processes that were killed are removed on the way. */
export function makeRunFolder(cacheFolder: string): string {
  for (const name of globSync("run-*", { cwd: cacheFolder })) {
    const pid = name.slice("run-".length);
    if (!existsSync(`/proc/${pid}`)) rmSync(join(cacheFolder, name), { recursive: true, force: true });
  }
  const folder = join(cacheFolder, `run-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
