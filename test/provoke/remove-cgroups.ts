/** What a container runtime that was killed leaves behind. */
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../live/wait-until.ts";

const ROOT = "/sys/fs/cgroup";

/** Removes the cgroup of this name with all below it, in every hierarchy. */
export async function removeCgroups(name: string): Promise<void> {
  const roots = [ROOT, ...readdirSync(ROOT).map((each) => join(ROOT, each))];
  for (const root of roots) {
    const top = join(root, name);
    if (!existsSync(top)) continue;
    // A process that was killed keeps its cgroup busy for a moment.
    await waitUntil(`${top} to be removed`, () => removeTree(top) || undefined);
  }
}

function removeTree(directory: string): boolean {
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) removeTree(join(directory, entry.name));
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
